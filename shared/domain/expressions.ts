import type { CallOp, Node, Scalar } from './definition.ts';
import type { Kind, Numeric, Simple } from './kinds.ts';

export const EXPRESSION: unique symbol = Symbol('expression');

/** Names an event type by identity, and knows which of its expressions nothing has used yet. */
export interface EventIdentity {
  readonly unused: Set<object>;
}

/**
 * A small tree instead of a JavaScript function, because SQL has to run it too. A missing field is null, null spreads
 * as in SQL: a comparison with null is null, `where` keeps an event only when it is true.
 */
export interface Expression<K extends Kind = Kind, V = unknown, E = unknown> {
  readonly [EXPRESSION]: { readonly node: Node; readonly event: EventIdentity; readonly kind?: K; readonly value?: V; readonly of?: E };
}
export interface Field<P extends string, K extends Kind, V = unknown, E = unknown> extends Expression<K, V, E> {
  readonly [EXPRESSION]: Expression<K, V, E>[typeof EXPRESSION] & { readonly path?: P };
}

export type KindOfExpression<A> = A extends Expression<infer K> ? K : never;
export type EventOf<A> = A extends Expression<Kind, unknown, infer E> ? E : never;
type NameOf<A> = A extends Field<infer P, Kind> ? (string extends P ? 'this expression' : `'${P}'`) : 'this expression';
/** `unknown` where the argument's kind is one of K, else the text of the error. */
export type Fits<Name extends string, A, K extends Kind, Takes extends string> =
  A extends Expression<infer X> ? ([X] extends [K] ? unknown : `${Name} takes ${Takes}; ${NameOf<A>} is ${X}`) : unknown;
type Comparable<A> = A extends Expression<infer K, infer V, infer E> ? V | Expression<ComparableKind<K>, unknown, E> : Scalar;
type ComparableKind<K> = K extends Numeric ? Numeric : K;

const made = <R>(node: Node, event: EventIdentity): R => {
  const expression = { [EXPRESSION]: { node, event } };
  event.unused.add(expression);
  return expression as R;
};

/** Takes an expression into a definition: whatever was made and never gets here is a mistake such as `a && b`. */
export const use = (expression: Expression): { node: Node; event: EventIdentity } => {
  const inner = expression?.[EXPRESSION];
  if (inner === undefined) throw new TypeError(`Expected a field or an expression such as edit.added, got ${JSON.stringify(expression) ?? String(expression)}`);
  inner.event.unused.delete(expression);
  return inner;
};

const kindOfScalar = (value: Scalar): Simple =>
  typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : Number.isSafeInteger(value) ? 'integer' : 'float';
const isNumeric = (kind: Kind) => kind === 'integer' || kind === 'decimal' || kind === 'float';
/** For error texts. */
export const nameOf = (node: Node): string =>
  node.op === 'field'
    ? `'${node.path.join('.')}'`
    : node.op === 'time'
      ? "the event's time"
      : node.op === 'const'
        ? JSON.stringify(node.value)
        : `${node.op}(${node.args.map(nameOf).join(', ')})`;

const call = <R>(op: CallOp, kind: Simple, parts: readonly (Expression | Scalar)[], extra: { scale?: number } = {}): R => {
  const used: readonly { node: Node; event?: EventIdentity }[] = parts.map((part) => (typeof part === 'object' ? use(part) : constant(part)));
  const events = new Set(used.flatMap(({ event }) => (event ? [event] : [])));
  const [event] = events;
  if (event === undefined) throw new TypeError(`${op}: Expected at least one field, got ${parts.length === 0 ? 'nothing' : 'only constants'}`);
  if (events.size > 1) throw new TypeError(`${op}: Expected fields of one event, got fields of two: ${used.map((part) => nameOf(part.node)).join(', ')}`);
  return made<R>({ op, kind, ...extra, args: used.map((part) => part.node) }, event);
};
const constant = (value: Scalar): { node: Node } => {
  if (!['string', 'number', 'boolean'].includes(typeof value) || (typeof value === 'number' && !Number.isFinite(value)))
    throw new TypeError(`Expected text, a finite number, a boolean or an expression, got ${String(value)}`);
  return { node: { op: 'const', kind: kindOfScalar(value), value } };
};

const demand = (op: string, arg: Expression, takes: readonly Kind[], words: string): Node => {
  const { node } = use(arg);
  if (!takes.includes(node.kind)) throw new TypeError(`${op} takes ${words}; ${nameOf(node)} is ${node.kind}`);
  return node;
};
const SIMPLE: readonly Kind[] = ['integer', 'decimal', 'float', 'text', 'boolean'];
const sameKind = (op: string, a: Node, b: Node): void => {
  if (a.kind !== b.kind && !(isNumeric(a.kind) && isNumeric(b.kind)))
    throw new TypeError(`${op}: Expected both sides of one kind, got ${nameOf(a)} (${a.kind}) and ${nameOf(b)} (${b.kind})`);
};
const nodeOf = (value: Expression | Scalar): Node => (typeof value === 'object' ? use(value).node : constant(value).node);

const comparison =
  (op: CallOp, takes: readonly Kind[], words: string) =>
  (a: Expression, ...others: readonly unknown[]): never => {
    const left = demand(op, a, takes, words);
    const right = others as readonly (Expression | Scalar)[];
    for (const other of right) sameKind(op, left, nodeOf(other));
    return call(op, 'boolean', [a, ...right]) as never;
  };
const ORDERED: readonly Kind[] = ['integer', 'decimal', 'float', 'text'];

type Compare<K extends Kind, Takes extends string> = <const A extends Expression, const V extends Comparable<NoInfer<A>>>(
  a: A & Fits<'a comparison', A, K, Takes>,
  b: V,
) => Expression<'boolean', boolean, EventOf<A>>;
type Ordering = Compare<Numeric | 'text', 'a number or text'>;
/** Equal. */
export const eq: Compare<Simple, 'a simple value'> = comparison('eq', SIMPLE, 'a simple value');
/** Greater than; text orders by its UTF-8 bytes. */
export const gt: Ordering = comparison('gt', ORDERED, 'a number or text');
export const gte: Ordering = comparison('gte', ORDERED, 'a number or text');
export const lt: Ordering = comparison('lt', ORDERED, 'a number or text');
export const lte: Ordering = comparison('lte', ORDERED, 'a number or text');
/** One of a list: `in_(order.status, ['placed', 'paid'])`. */
export const in_ = <const A extends Expression, const V extends Comparable<NoInfer<A>>>(
  a: A & Fits<'in_', A, Simple, 'a simple value'>,
  list: readonly V[],
): Expression<'boolean', boolean, EventOf<A>> => {
  if (!Array.isArray(list) || list.length === 0) throw new TypeError('in_: Expected a list of at least one value');
  return comparison('in', SIMPLE, 'a simple value')(a, ...list);
};
/** True where the field has a value, false where it is missing or null. */
export const exists = <const A extends Expression>(a: A & Fits<'exists', A, Simple, 'a simple value'>): Expression<'boolean', boolean, EventOf<A>> => {
  demand('exists', a, SIMPLE, 'a simple value');
  return call('exists', 'boolean', [a]);
};

type Condition<E = unknown> = Expression<'boolean', boolean, E>;
const logic =
  (op: CallOp) =>
  (...all: readonly Expression[]): never => {
    for (const one of all) demand(op, one, ['boolean'], 'conditions');
    return call(op, 'boolean', all) as never;
  };
export const not: <const A extends Expression>(a: A & Fits<'not', A, 'boolean', 'a condition'>) => Condition<EventOf<A>> = logic('not');
export const and: <const A extends readonly Condition[]>(...all: A) => Condition<EventOf<A[number]>> = logic('and');
export const or: <const A extends readonly Condition[]>(...all: A) => Condition<EventOf<A[number]>> = logic('or');

type OfText = { lower: 'text'; urlHost: 'text'; hourOf: 'integer'; weekdayOf: 'integer'; monthOf: 'integer'; dateOf: 'text' };
const ofText =
  <N extends keyof OfText>(op: N, kind: OfText[N]) =>
  <const A extends Expression>(a: A & Fits<N, A, 'text', 'text'>): Expression<OfText[N], OfText[N] extends 'text' ? string : number, EventOf<A>> => {
    demand(op, a, ['text'], 'text');
    return call(op, kind, [a]);
  };
/** Lower case for Latin, Greek and Cyrillic letters (U+0041 to U+052F), one for one; other text stays. */
export const lower = ofText('lower', 'text');
/** The host of an absolute URL, in lower case, without port; null where the text is not one. */
export const urlHost = ofText('urlHost', 'text');
/** Hour of day, 0 to 23, in UTC, of the event's time or of an ISO 8601 text that ends in Z. */
export const hourOf = ofText('hourOf', 'integer');
/** ISO day of week, 1 (Monday) to 7, in UTC. */
export const weekdayOf = ofText('weekdayOf', 'integer');
/** Month, 1 to 12, in UTC. */
export const monthOf = ofText('monthOf', 'integer');
/** The date, YYYY-MM-DD, in UTC. */
export const dateOf = ofText('dateOf', 'text');

/** The first that has a value. */
export const coalesce = <const A extends Expression, const V extends Comparable<NoInfer<A>>>(
  a: A & Fits<'coalesce', A, Simple, 'a simple value'>,
  otherwise: V,
): Expression<KindOfExpression<A>, V, EventOf<A>> => {
  const left = demand('coalesce', a, SIMPLE, 'a simple value');
  const right = nodeOf(otherwise as Expression | Scalar);
  const scale = 'scale' in left ? left.scale : undefined;
  const fits =
    left.kind === right.kind
      ? scale === ('scale' in right ? right.scale : undefined)
      : (left.kind === 'float' && isNumeric(right.kind)) ||
        (left.kind === 'decimal' && right.op === 'const' && typeof right.value === 'number' && Number(right.value.toFixed(scale)) === right.value);
  if (!fits) throw new TypeError(`coalesce: Expected both of one kind and scale, got ${nameOf(left)} (${left.kind}) and ${nameOf(right)} (${right.kind})`);
  return call('coalesce', left.kind as Simple, [a, otherwise as Expression | Scalar], scale === undefined ? {} : { scale });
};
