import type { ItemsOf, Node } from '../definition/definition.ts';
import { type Kind, MAX_DOUBLE } from '../definition/kinds.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import type { Json } from '../measures/measure.ts';
import type { Evaluate, Subject, Value } from '../operators/operator.ts';
import { operators } from '../operators/registry.ts';
import { lookedUp } from './looked-up.ts';

/** Compiles an expression to a function of an event. `overflowed` is called for each result that does not fit, and is null. */
export const compileExpression = (node: Node, overflowed: () => void = uncounted): Evaluate => {
  switch (node.op) {
    case 'const':
      return () => node.value;
    case 'time':
      return (event) => event.time;
    case 'field':
      return field(node.path, node.kind);
    case 'item': {
      const [of, { path }] = [ofKind(node.kind), node];
      return ({ item }) => of(valueAt(item, path));
    }
    case 'lookup':
      return lookedUp(node, compileExpression(node.args[0], overflowed));
    default:
      return operators[node.op].fold(
        node.args.map((arg) => compileExpression(arg, overflowed)),
        node,
        overflowed,
      );
  }
};

const uncounted = () => {};

const field = (path: readonly string[], kind: Kind): Evaluate => {
  const of = ofKind(kind);
  const [name] = path;
  if (path.length === 1 && name !== undefined) return (event) => of(event.data[name]);
  return (event) => of(valueAt(event.data, path));
};
const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : null), value);
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

/** The items of an array that are of their kind, each with its event: what a metric over them counts. */
export const compileItems = ({ path, kind }: ItemsOf): ((event: StoredEvent) => readonly Subject[]) => {
  const of = ofKind(kind);
  const isItem = kind === 'object' ? isObject : (item: unknown) => of(item) !== null;
  return (event) => {
    const array = valueAt(event.data, path);
    return Array.isArray(array) ? (array as readonly Json[]).filter(isItem).map((item) => ({ ...event, item })) : [];
  };
};
