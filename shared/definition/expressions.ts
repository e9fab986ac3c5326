import type { CallOp, Node, Scalar } from './definition.ts';
import {
  type Arg,
  type Condition,
  type Expression,
  expressionOf,
  type KindOfExpression,
  type Meaning,
  made,
  meaningOf,
  nameOf,
  type ReadsOf,
} from './expression.ts';
import type { Kind, Numeric, Simple } from './kinds.ts';
import type { Mistake } from './mistakes.ts';

type Comparable<A> = A extends Expression<infer K, infer V> ? V | Expression<ComparableKind<K>> : Scalar;
type ComparableKind<K> = K extends Numeric ? Numeric : K;

/** An argument: an expression, or a constant, which belongs to no event. */
type Part = Meaning | { readonly node: Node; readonly event: null };
interface Result {
  readonly kind: Simple;
  readonly scale?: number | undefined;
}
/** What is wrong, and how to fix it. */
type Refusal = readonly [what: string, fix: string];

const isNumeric = (kind: Kind) => kind === 'integer' || kind === 'decimal' || kind === 'float';
const SIMPLE: readonly Kind[] = ['integer', 'decimal', 'float', 'text', 'boolean'];
const ORDERED: readonly Kind[] = ['integer', 'decimal', 'float', 'text'];

const kindOfScalar = (value: Scalar): Simple =>
  typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : Number.isSafeInteger(value) ? 'integer' : 'float';
const isConstant = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
const partOf = (op: string, given: unknown): Part =>
  isConstant(given) ? { node: { op: 'const', kind: kindOfScalar(given), value: given }, event: null } : meaningOf(`${op}: `, given);

/**
 * Makes an expression from arguments, or from the first mistake among them. `resultOf` gives the kind of the result, or refuses.
 * E is what the caller's types promise about that result.
 */
const call = <E extends Expression>(op: CallOp, parts: readonly Part[], resultOf: (nodes: readonly Node[]) => Result | Refusal): E => {
  const event = parts.find((part) => part.event !== null)?.event ?? null;
  const mistaken = (mistake: Mistake): Meaning => ({ mistake, event });
  const refused = ([what, fix]: Refusal) => mistaken(() => ({ what: `${op}${what}`, fix }));
  const meaning = (): Meaning => {
    const nodes: Node[] = [];
    for (const part of parts) {
      if ('mistake' in part) return mistaken(part.mistake);
      nodes.push(part.node);
    }
    if (event === null) return refused([`: Expected at least one field, got ${nodes.map(nameOf).join(', ') || 'nothing'}`, 'give it a field of the event']);
    if (parts.some((part) => part.event !== null && part.event !== event))
      return refused([`: Expected fields of one event, got fields of two: ${nodes.map(nameOf).join(', ')}`, "take fields of the metric's own event"]);
    const result = resultOf(nodes);
    if (!('kind' in result)) return refused(result);
    const { kind, scale } = result;
    return { node: { op, kind, ...(scale === undefined ? {} : { scale }), args: nodes }, event };
  };
  const found = meaning();
  return made(expressionOf(found), found) as E;
};

const taking =
  (kinds: readonly Kind[], words: string, yields: Simple) =>
  (nodes: readonly Node[]): Result | Refusal => {
    const other = nodes.find(({ kind }) => !kinds.includes(kind));
    return other === undefined ? { kind: yields } : [` takes ${words}; ${nameOf(other)} is ${other.kind}`, 'take another field, or change its schema'];
  };

const comparison = <R>(op: CallOp, kinds: readonly Kind[], words: string, a: unknown, others: readonly unknown[]): Condition<R> =>
  call(op, [meaningOf(`${op}: `, a), ...others.map((other) => partOf(op, other))], ([left, ...right]) => {
    const result = taking(kinds, words, 'boolean')(left === undefined ? [] : [left]);
    const other = right.find(({ kind }) => kind !== left?.kind && !(isNumeric(kind) && left !== undefined && isNumeric(left.kind)));
    if (!('kind' in result) || left === undefined || other === undefined) return result;
    return [
      `: Expected both sides of one kind, got ${nameOf(left)} (${left.kind}) and ${nameOf(other)} (${other.kind})`,
      `compare it with a value of kind ${left.kind}`,
    ];
  });

type Compare<K extends Kind, Takes extends string> = <const A, const V extends Comparable<NoInfer<A>>>(
  a: Arg<'a comparison', A, K, Takes>,
  b: V,
) => Condition<ReadsOf<A> | ReadsOf<V>>;
const ordering =
  (op: CallOp): Compare<Numeric | 'text', 'a number or text'> =>
  (a, b) =>
    comparison(op, ORDERED, 'a number or text', a, [b]);

/**
 * Equal.
 * @example eq(order.status, 'paid')
 * @example eq(edit.page, edit.user)
 */
export const eq: Compare<Simple, 'a simple value'> = (a, b) => comparison('eq', SIMPLE, 'a simple value', a, [b]);
/**
 * Greater than; text is compared by its UTF-8 bytes.
 * @example gt(edit.added, 100)
 */
export const gt = ordering('gt');
/**
 * Greater than or equal.
 * @example gte(order.price, 0.01)
 */
export const gte = ordering('gte');
/**
 * Less than.
 * @example lt(edit.delta, 0)
 */
export const lt = ordering('lt');
/**
 * Less than or equal.
 * @example lte(order.price, order.shipping)
 */
export const lte = ordering('lte');
/**
 * One of a list.
 * @example in_(order.status, ['placed', 'paid'])
 */
export const in_ = <const A, const V extends Comparable<NoInfer<A>>>(
  a: Arg<'in_', A, Simple, 'a simple value'>,
  list: readonly V[],
): Condition<ReadsOf<A> | ReadsOf<V>> => {
  if (Array.isArray(list) && list.length > 0) return comparison('in', SIMPLE, 'a simple value', a, list);
  const meaning = meaningOf('in_: ', a);
  return call('in', [meaning], () => ['_: Expected a list of at least one value', `write one such as ['a', 'b']`]);
};
/**
 * True if the field has a value, false if it is missing or null.
 * @example exists(order.coupon)
 */
export const exists = <const A>(a: Arg<'exists', A, Simple, 'a simple value'>): Condition<ReadsOf<A>> =>
  call('exists', [meaningOf('exists: ', a)], taking(SIMPLE, 'a simple value', 'boolean'));

const logic = <R>(op: CallOp, all: readonly unknown[]): Condition<R> =>
  call(
    op,
    all.map((one) => meaningOf(`${op}: `, one)),
    taking(['boolean'], 'conditions', 'boolean'),
  );
type Conditions<Name extends string, A extends readonly unknown[]> = { [I in keyof A]: Arg<Name, A[I], 'boolean', 'conditions'> };
/**
 * Negation; null stays null.
 * @example not(order.test)
 */
export const not = <const A>(a: Arg<'not', A, 'boolean', 'a condition'>): Condition<ReadsOf<A>> => logic('not', [a]);
/**
 * True if all are true. Do not write `a && b`: in JavaScript that is just `b`.
 * @example and(not(order.test), gte(order.price, 0.01))
 */
export const and = <const A extends readonly unknown[]>(...all: Conditions<'and', A>): Condition<ReadsOf<A[number]>> => logic('and', all);
/**
 * True if any is true. Do not write `a || b`: in JavaScript that is just `a`.
 * @example or(edit.isNew, gt(edit.added, 1_000))
 */
export const or = <const A extends readonly unknown[]>(...all: Conditions<'or', A>): Condition<ReadsOf<A[number]>> => logic('or', all);

const ofText = <K extends 'text' | 'integer', V, R>(op: CallOp, kind: K, a: unknown): Expression<K, V, R> =>
  call(op, [meaningOf(`${op}: `, a)], taking(['text'], 'text', kind));
/**
 * Lower case for Latin, Greek and Cyrillic letters (U+0041 to U+052F), one for one; other characters stay as they are.
 * @example lower(order.customer.email)
 */
export const lower = <const A>(a: Arg<'lower', A, 'text', 'text'>): Expression<'text', string, ReadsOf<A>> => ofText('lower', 'text', a);
/**
 * The host of an absolute URL, in lower case, without port; null if the text is not one.
 * @example urlHost(order.referrer)
 */
export const urlHost = <const A>(a: Arg<'urlHost', A, 'text', 'text'>): Expression<'text', string, ReadsOf<A>> => ofText('urlHost', 'text', a);
/**
 * Hour of day, 0 to 23, in UTC, of the event's time or of an ISO 8601 text that ends in Z.
 * @example hourOf(order.placedAt)
 */
export const hourOf = <const A>(a: Arg<'hourOf', A, 'text', 'text'>): Expression<'integer', number, ReadsOf<A>> => ofText('hourOf', 'integer', a);
/**
 * ISO day of week, 1 (Monday) to 7, in UTC.
 * @example weekdayOf(edit.time)
 */
export const weekdayOf = <const A>(a: Arg<'weekdayOf', A, 'text', 'text'>): Expression<'integer', number, ReadsOf<A>> => ofText('weekdayOf', 'integer', a);
/**
 * Month, 1 to 12, in UTC.
 * @example monthOf(edit.time)
 */
export const monthOf = <const A>(a: Arg<'monthOf', A, 'text', 'text'>): Expression<'integer', number, ReadsOf<A>> => ofText('monthOf', 'integer', a);
/**
 * The date, YYYY-MM-DD, in UTC.
 * @example dateOf(edit.time)
 */
export const dateOf = <const A>(a: Arg<'dateOf', A, 'text', 'text'>): Expression<'text', string, ReadsOf<A>> => ofText('dateOf', 'text', a);

/**
 * The first that has a value.
 * @example coalesce(edit.countryIsoCode, 'unknown')
 */
export const coalesce = <const A, const V extends Comparable<NoInfer<A>>>(
  a: Arg<'coalesce', A, Simple, 'a simple value'>,
  otherwise: V,
): Expression<KindOfExpression<A>, V, ReadsOf<A> | ReadsOf<V>> =>
  call('coalesce', [meaningOf('coalesce: ', a), partOf('coalesce', otherwise)], ([left, right]) => {
    const simple = taking(SIMPLE, 'a simple value', 'text')(left === undefined ? [] : [left]);
    if (!('kind' in simple) || left === undefined || right === undefined) return simple;
    const scale = scaleOf(left);
    const fits =
      left.kind === right.kind
        ? scale === scaleOf(right)
        : (left.kind === 'float' && isNumeric(right.kind)) ||
          (left.kind === 'decimal' && right.op === 'const' && typeof right.value === 'number' && Number(right.value.toFixed(scale)) === right.value);
    if (fits) return { kind: left.kind as Simple, scale };
    const one = scale === undefined ? left.kind : `decimal(${scale})`;
    return [`: Expected both of one kind and scale, got ${nameOf(left)} (${one}) and ${nameOf(right)} (${right.kind})`, `give it a default of kind ${one}`];
  });
const scaleOf = (node: Node): number | undefined => ('scale' in node ? node.scale : undefined);
