// Shows that the fuzz can fail: puts one fault at a time into a copy of the product, and demands that it is found.
//   node test/fuzz/planted.mjs
import { faultyCopy } from '../support/faulty-copy.mjs';

const RUNS = process.env.RUNS ?? '60';
const FAULTS = [
  {
    name: 'weeks begin on Sunday',
    file: 'shared/request/steps.ts',
    changes: [['step.days % 7 === 0 ? 3 : 0', 'step.days % 7 === 0 ? 4 : 0']],
  },
  {
    name: 'the batch layer takes < for <=',
    file: 'shared/sql/expression.ts',
    changes: [["lte: infix('<=')", "lte: infix('<')"]],
  },
  {
    name: 'an answer orders nulls first where it descends',
    file: 'shared/query/merge.ts',
    changes: [['return Number(a === null) - Number(b === null);', 'return (Number(a === null) - Number(b === null)) * (descending ? -1 : 1);']],
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
