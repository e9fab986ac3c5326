import type { CallNode, Node } from '../definition/definition.ts';
import { decimalLimit, MAX_DOUBLE, MAX_UNITS } from '../definition/kinds.ts';
import { double } from '../sql/dialect.ts';
import { constantOf, type Operator, ofBoth, ofOne, type Value } from './operator.ts';

/*
 * Integers are exact to 2^53, decimals exact at their scale to 2^51 units, floats are IEEE doubles up to 8e307. A result past
 * that is null. Decimals are computed as whole numbers of units (cents), since 0.1 + 0.2 is not 0.3 in doubles. The quotient
 * units / 10^scale is rounded once, so it is the very double that the decimal number parses to.
 */
const INTEGER = Number.MAX_SAFE_INTEGER;
const scaleOf = (node: Node): number => ('scale' in node ? (node.scale ?? 0) : 0);
/** Results of these are within limits already. */
const isComputed = ({ op }: Node) => op === 'add' || op === 'sub' || op === 'mul' || op === 'round' || op === 'const';

/** Null for what does not fit, which is counted. */
type Lost = () => null;
const lost =
  (overflowed: () => void): Lost =>
  () => {
    overflowed();
    return null;
  };

/** A number in units of 10^-scale, from an argument of this or a smaller scale; null if it is more than a decimal holds. */
const unitsOf = (node: Node, scale: number, none: Lost): ((value: number) => number | null) => {
  if (node.kind === 'integer') return (value) => value * 10 ** scale;
  const own = scaleOf(node);
  const limit = decimalLimit(own);
  return (value) => (Math.abs(value) <= limit ? Math.floor(value * 10 ** own + 0.5) * 10 ** (scale - own) : none());
};
/** The same in SQL, as an integer wide enough to be multiplied. */
const unitsSql = (big: string, sql: string, node: Node, scale: number): string => {
  const own = scaleOf(node);
  const units = `floor(${sql} * ${double(10 ** own)} + 0.5e0)`;
  const within = node.kind === 'integer' ? sql : isComputed(node) ? units : `CASE WHEN abs(${sql}) <= ${double(decimalLimit(own))} THEN ${units} END`;
  return `CAST(${within} AS ${big})${own === scale ? '' : ` * ${10 ** (scale - own)}`}`;
};

/** Doubles up to 8e307; + 0 makes -0 zero. */
const finite = (value: number, none: Lost): Value => (Math.abs(value) <= MAX_DOUBLE ? value + 0 : none());
const finiteSql = (sql: string) => `CASE WHEN abs(${sql}) <= ${double(MAX_DOUBLE)} THEN ${sql} + 0e0 END`;

/** The value of a number of units, as an integer or as a decimal of the node's scale. */
const ofUnits = (node: CallNode, none: Lost): ((units: number) => Value) => {
  const [limit, unit] = [node.kind === 'integer' ? INTEGER : MAX_UNITS, 10 ** scaleOf(node)];
  return (units) => (Math.abs(units) <= limit ? units / unit + 0 : none());
};
const ofUnitsSql = (units: string, node: CallNode): string =>
  node.kind === 'integer'
    ? `CAST(CASE WHEN abs(${units}) <= ${INTEGER} THEN ${units} END AS BIGINT)`
    : `(CAST(CASE WHEN abs(${units}) <= ${MAX_UNITS} THEN ${units} END AS DOUBLE) / ${double(10 ** scaleOf(node))})`;

/**
 * `compute` is exact where the result is within limits: beyond 2^53 doubles are rounded, but never down to a limit.
 * `scaleFor` is the scale at which an argument is taken.
 */
const arithmetic = (operator: string, compute: (a: number, b: number) => number, scaleFor: (node: CallNode, arg: Node) => number): Operator => ({
  fold: (args, node, overflowed) => {
    const none = lost(overflowed);
    if (node.kind === 'float') return ofBoth<number>((a, b) => finite(compute(a, b), none))(args);
    const [left, right] = node.args.map((arg) => unitsOf(arg, scaleFor(node, arg), none));
    const present = ofUnits(node, none);
    return ofBoth<number>((a, b) => {
      const [x, y] = [left?.(a) ?? null, right?.(b) ?? null];
      return x === null || y === null ? null : present(compute(x, y));
    })(args);
  },
  sql: ({ big }, args, node) => {
    if (node.kind === 'float') return finiteSql(`(${args.join(` ${operator} `)})`);
    const units = node.args.map((arg, i) => unitsSql(big, args[i] ?? '', arg, scaleFor(node, arg)));
    return ofUnitsSql(`(${units.join(` ${operator} `)})`, node);
  },
});

export const numbers = {
  add: arithmetic('+', (a, b) => a + b, scaleOf),
  sub: arithmetic('-', (a, b) => a - b, scaleOf),
  mul: arithmetic(
    '*',
    (a, b) => a * b,
    (_, arg) => scaleOf(arg),
  ),
  div: {
    fold: (args, _, overflowed) => {
      const none = lost(overflowed);
      return ofBoth<number>((a, b) => (b === 0 ? null : finite(a / b, none)))(args);
    },
    sql: (_, [a, b]) => finiteSql(`(CAST(${a} AS DOUBLE) / nullif(CAST(${b} AS DOUBLE), 0e0))`),
  },
  // A half goes up. Decimals are rounded as the numbers that they are, not as their doubles.
  round: {
    fold: (args, node, overflowed) => {
      const none = lost(overflowed);
      const digits = Number(constantOf(node, 1));
      const [arg] = node.args as readonly [Node];
      const present = ofUnits(node, none);
      if (arg.kind === 'float') return ofOne<number>((x) => present(roundUp(x * 10 ** digits)))(args);
      const own = scaleOf(arg);
      const units = unitsOf(arg, own, none);
      const step = 10 ** Math.max(0, own - digits);
      return ofOne<number>((x) => {
        const whole = units(x);
        return whole === null ? null : present(Math.floor((whole + Math.floor(step / 2)) / step) * 10 ** Math.max(0, digits - own));
      })(args);
    },
    sql: ({ big }, [a], node) => {
      const digits = Number(constantOf(node, 1));
      const [arg] = node.args as readonly [Node];
      if (arg.kind === 'float') return ofUnitsSql(roundUpSql(`(${a} * ${double(10 ** digits)})`), node);
      const own = scaleOf(arg);
      const step = 10 ** Math.max(0, own - digits);
      const whole = `floor(CAST(${unitsSql(big, a, arg, own)} + ${Math.floor(step / 2)} AS DOUBLE) / ${double(step)})`;
      return ofUnitsSql(`(CAST(${whole} AS ${big}) * ${10 ** Math.max(0, digits - own)})`, node);
    },
  },
  floor: {
    fold: (args, _, overflowed) => {
      const none = lost(overflowed);
      return ofOne<number>((x) => (Math.abs(Math.floor(x)) <= INTEGER ? Math.floor(x) + 0 : none()))(args);
    },
    sql: (_, [a]) => `CAST(CASE WHEN abs(floor(${a})) <= ${double(INTEGER)} THEN floor(${a}) END AS BIGINT)`,
  },
} satisfies Record<string, Operator>;

/** To the nearest whole number; x + 0.5 would be rounded itself, as for 0.49999999999999994. */
const roundUp = (x: number): number => Math.floor(x) + (x - Math.floor(x) >= 0.5 ? 1 : 0);
const roundUpSql = (x: string) => `(floor(${x}) + CASE WHEN ${x} - floor(${x}) >= 0.5e0 THEN 1e0 ELSE 0e0 END)`;
