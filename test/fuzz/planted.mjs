// Shows that the fuzz can fail: puts one fault at a time into a copy of the product, and demands that it is found.
//   node test/fuzz/planted.mjs
import { faultyCopy } from '../support/faulty-copy.mjs';

const RUNS = process.env.RUNS ?? '60';
const FAULTS = [
  {
    name: 'weeks begin on Sunday',
    file: 'shared/request/steps.ts',
    changes: [["week === 'monday' ? 3 : 4", "week === 'monday' ? 4 : 4"]],
  },
  {
    name: 'the batch layer takes < for <=, and > for >=',
    file: 'shared/operators/comparisons.ts',
    changes: [
      ["lte: comparison('<=',", "lte: comparison('<',"],
      ["gte: comparison('>=',", "gte: comparison('>',"],
    ],
  },
  {
    name: 'the batch layer counts items that are null',
    file: 'shared/sql/items.ts',
    changes: [["? `starts_with(item_json, '{')`", "? 'true'"]],
  },
  {
    name: 'the batch layer ranks by the sums of all groups together',
    file: 'shared/sql/ranked.ts',
    changes: [['keys: Object.keys(keys) }', "keys: ['window_start', 'window_size'] }"]],
  },
  {
    name: 'the batch layer looks up in the first version that has begun',
    file: 'shared/sql/lookups.ts',
    changes: [['versions.toReversed()', 'versions']],
  },
  {
    name: 'an answer orders nulls first where it descends',
    file: 'shared/query/order.ts',
    changes: [['return Number(a === null) - Number(b === null);', 'return (Number(a === null) - Number(b === null)) * (descending ? -1 : 1);']],
  },
  {
    name: 'a filter of what is not wanted leaves out what has no value',
    file: 'shared/definition/condition.ts',
    changes: [['value === null || !unwanted.has(value)', 'value !== null && !unwanted.has(value)']],
  },
  {
    name: 'a rolling window keeps what has left it for a day',
    file: 'shared/query/rolling.ts',
    changes: [['queue.dropBefore(reachMs);', 'queue.dropBefore(reachMs - 86_400_000);']],
  },
  {
    name: 'a formula reads sums as they are presented',
    file: 'shared/query/figures.ts',
    changes: [['inner === null ? exactText(states, name) : null', 'null']],
  },
  {
    name: 'the rest of a top has the first group as well',
    file: 'shared/query/top-groups.ts',
    changes: [['ranked.slice(0, top?.groups)', 'ranked.slice(1, top?.groups)']],
  },
];

const copy = faultyCopy();
let missed = 0;
try {
  for (const { name, ...part } of FAULTS) {
    const { status, stderr } = copy.with(name, [part], () => copy.jest('test/fuzz', { RUNS, SEED: '1' }));
    const seed = /SEED=(\d+) npm run fuzz/.exec(stderr)?.[1];
    if (status !== 0 && seed === undefined) throw new Error(`Expected an answer to be wrong, but the fuzz itself failed:\n${stderr}`);
    if (status === 0) missed++;
    console.log(`${status === 0 ? `NOT FOUND in ${RUNS} runs` : `found at run ${seed}`}  ${name}`);
  }
} finally {
  copy.remove();
}
process.exitCode = missed === 0 ? 0 : 1;
