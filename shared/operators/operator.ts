import type { CallNode, Node, Scalar } from '../definition/definition.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import type { Json } from '../measures/measure.ts';
import type { Dialect } from '../sql/dialect.ts';

export type Value = Scalar | null;
/** What an expression is computed of: an event, or one item of an array with its event. */
export interface Subject extends StoredEvent {
  readonly item?: Json;
}
/** A compiled expression; null is SQL's NULL, and propagates like it. */
export type Evaluate = (event: Subject) => Value;

/**
 * One entry of the registry: what a call computes, for each of the two compilers. Both must give the same value, to the last
 * bit, for every argument; test/parity plays random trees of all of them.
 */
export interface Operator {
  /** `overflowed` is called for each result that does not fit its kind, and is null. */
  readonly fold: (args: readonly Evaluate[], node: CallNode, overflowed: () => void) => Evaluate;
  /** `args` are the SQL of the node's arguments. */
  readonly sql: (dialect: Dialect, args: readonly [string, ...string[]], node: CallNode) => string;
}

/** A function of one text. */
export const ofText =
  (of: (text: string) => Value) =>
  ([a]: readonly Evaluate[]): Evaluate =>
  (event) => {
    const value = a?.(event);
    return typeof value === 'string' ? of(value) : null;
  };

/** A function of one value. */
export const ofOne =
  <T extends Scalar>(of: (a: T) => Value) =>
  ([a]: readonly Evaluate[]): Evaluate =>
  (event) => {
    const value = a?.(event) ?? null;
    return value === null ? null : of(value as T);
  };

/** A function of two values, null if either is missing. */
export const ofBoth =
  <T extends Scalar>(of: (a: T, b: T) => Value) =>
  ([a, b]: readonly Evaluate[]): Evaluate =>
  (event) => {
    const x = a?.(event) ?? null;
    const y = b?.(event) ?? null;
    return x === null || y === null ? null : of(x as T, y as T);
  };

export const infix =
  (operator: string): Operator['sql'] =>
  (_, args) =>
    `(${args.join(` ${operator} `)})`;

/** The value of an argument that the definition fixes. */
export const constantOf = ({ args }: CallNode, index: number): Scalar => {
  const node: Node | undefined = args[index];
  if (node?.op !== 'const') throw new TypeError(`Expected a constant as argument ${index}, got ${node?.op ?? 'nothing'}`);
  return node.value;
};
