import type { Scalar } from '../definition/definition.ts';
import { compareScalars } from '../measures/extreme.ts';
import { logicOf } from './logic.ts';
import { type Evaluate, infix, type Operator, ofBoth } from './operator.ts';

const comparison = (operator: string, holds: (a: Scalar, b: Scalar) => boolean): Operator => ({ fold: ofBoth(holds), sql: infix(operator) });

const eq = comparison('=', (a, b) => a === b);

export const comparisons = {
  eq,
  gt: comparison('>', (a, b) => compareScalars(a, b) > 0),
  gte: comparison('>=', (a, b) => compareScalars(a, b) >= 0),
  lt: comparison('<', (a, b) => compareScalars(a, b) < 0),
  lte: comparison('<=', (a, b) => compareScalars(a, b) <= 0),
  in: {
    fold: ([a, ...list], node, overflowed) => logicOf(true)(list.map((item) => eq.fold([a as Evaluate, item], node, overflowed))),
    sql: (_, [a, ...list]) => `(${a} IN (${list.join(', ')}))`,
  },
} satisfies Record<string, Operator>;
