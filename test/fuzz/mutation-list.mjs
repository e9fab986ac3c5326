/** Faults to put into the product: exact replacements. Each has to be found. */
export const MUTATIONS = [
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
