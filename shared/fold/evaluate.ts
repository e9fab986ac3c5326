import type { CallOp, Node, Scalar } from '../definition/definition.ts';
import type { Kind } from '../definition/kinds.ts';
import { lowerCase } from '../definition/text.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import { compareScalars } from '../measures/extreme.ts';

export type Value = Scalar | null;
/** A compiled expression; null is SQL's NULL, and propagates like it. */
export type Evaluate = (event: StoredEvent) => Value;

/** Largest magnitude of a double that every engine parses to the same value. */
export const MAX_DOUBLE = 8e307;
/** Matches a UTC time text whose parts can be cut out; the same pattern works in JavaScript, RE2 and Joni. */
export const UTC_TIME = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?Z';
/** Its second group is the host. */
export const URL_HOST = '[a-zA-Z][a-zA-Z0-9+.-]*://([^/?#@]*@)?(\\[[^\\]]*\\]|[^/?#:]+)';
const utcTime = new RegExp(`^${UTC_TIME}$`);
const urlHost = new RegExp(`^${URL_HOST}`);

/** Compiles an expression to a function of an event. */
export const compileExpression = (node: Node): Evaluate => {
  switch (node.op) {
    case 'const':
      return () => node.value;
    case 'time':
      return (event) => event.time;
    case 'field':
      return field(node.path, node.kind);
    default:
      return calls[node.op](node.args.map(compileExpression));
  }
};

const field = (path: readonly string[], kind: Kind): Evaluate => {
  const of = ofKind(kind);
  const [name] = path;
  if (path.length === 1 && name !== undefined) return (event) => of(event.data[name]);
  return (event) => of(path.reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : null), event.data));
};
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value of another kind than in the definition counts as missing, here and in SQL. */
const ofKind = (kind: Kind): ((value: unknown) => Value) => {
  switch (kind) {
    case 'integer':
      return (value) => (Number.isSafeInteger(value) ? (value as number) : null);
    case 'decimal':
    case 'float':
      return (value) => (typeof value === 'number' && Math.abs(value) <= MAX_DOUBLE ? value : null);
    case 'text':
      return (value) => (typeof value === 'string' ? value : null);
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : null);
    default:
      return () => null;
  }
};

const comparison =
  (holds: (a: Scalar, b: Scalar) => boolean) =>
  ([a, b]: readonly Evaluate[]): Evaluate =>
  (event) => {
    const x = a?.(event) ?? null;
    const y = b?.(event) ?? null;
    return x === null || y === null ? null : holds(x, y);
  };
/** Three-valued logic: `decides` alone settles it; otherwise null if any operand is null. */
const logic =
  (decides: boolean) =>
  (args: readonly Evaluate[]): Evaluate =>
  (event) => {
    let unknown = false;
    for (const arg of args) {
      const value = arg(event);
      if (value === decides) return decides;
      if (value === null) unknown = true;
    }
    return unknown ? null : !decides;
  };
const ofText =
  (of: (text: string) => Value) =>
  ([a]: readonly Evaluate[]): Evaluate =>
  (event) => {
    const value = a?.(event);
    return typeof value === 'string' ? of(value) : null;
  };
const ofTime = (of: (text: string) => Value) => ofText((text) => (utcTime.test(text) ? of(text) : null));
const weekday = (date: string): Value => {
  const at = new Date(`${date}T00:00:00.000Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== date ? null : at.getUTCDay() || 7;
};

const calls: Record<CallOp, (args: readonly Evaluate[]) => Evaluate> = {
  eq: comparison((a, b) => a === b),
  gt: comparison((a, b) => compareScalars(a, b) > 0),
  gte: comparison((a, b) => compareScalars(a, b) >= 0),
  lt: comparison((a, b) => compareScalars(a, b) < 0),
  lte: comparison((a, b) => compareScalars(a, b) <= 0),
  in: ([a, ...list]) => logic(true)(list.map((item) => calls.eq([a as Evaluate, item]))),
  exists:
    ([a]) =>
    (event) =>
      a?.(event) !== null,
  not:
    ([a]) =>
    (event) => {
      const value = a?.(event) ?? null;
      return value === null ? null : !value;
    },
  and: logic(false),
  or: logic(true),
  coalesce:
    ([a, b]) =>
    (event) =>
      a?.(event) ?? b?.(event) ?? null,
  lower: ofText(lowerCase),
  urlHost: ofText((text) => {
    const host = urlHost.exec(text)?.[2];
    return host === undefined ? null : lowerCase(host);
  }),
  hourOf: ofTime((text) => Number(text.slice(11, 13))),
  monthOf: ofTime((text) => Number(text.slice(5, 7))),
  dateOf: ofTime((text) => text.slice(0, 10)),
  weekdayOf: ofTime((text) => weekday(text.slice(0, 10))),
};
