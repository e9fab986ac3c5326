import { call, isNumeric, type Joined, joined, type KindOfArgument, kindText, NUMERIC, partOf, SIMPLE, scaleOf, taking } from './call.ts';
import type { CallOp, Scalar } from './definition.ts';
import { type Arg, type Condition, type Expression, type KindOfExpression, meaningOf, nameOf, type ReadsOf } from './expression.ts';
import type { Kind, Numeric, Simple } from './kinds.ts';

type Comparable<A> = A extends Expression<infer K, infer V> ? V | Expression<ComparableKind<K>> : Scalar;
type ComparableKind<K> = K extends Numeric ? Numeric : K;

const ORDERED: readonly Kind[] = ['integer', 'decimal', 'float', 'text'];

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

type SameKind<A, B> = KindOfArgument<A> | KindOfArgument<B> extends Numeric
  ? B
  : [KindOfArgument<B>] extends [KindOfArgument<A>]
    ? B
    : `when takes two values of one kind; these are ${KindOfArgument<A>} and ${KindOfArgument<B>}`;
type KindOfBoth<A, B> = Joined<KindOfArgument<A> | KindOfArgument<B>>;
/**
 * a where the condition is true, b where it is false or null. Both are of one kind; a number may be a constant.
 * @example sum(when(eq(order.currency, 'EUR'), order.price, 0))
 */
export const when = <const C, const A, const B>(
  condition: Arg<'when', C, 'boolean', 'a condition first'>,
  a: A,
  b: SameKind<A, B>,
): Expression<KindOfBoth<A, B>, unknown, ReadsOf<C> | ReadsOf<A> | ReadsOf<B>> =>
  call('when', [meaningOf('when: ', condition), partOf('when', a), partOf('when', b)], ([test, left, right]) => {
    if (test === undefined || left === undefined || right === undefined) return NO_CHOICE;
    const refused = taking(['boolean'], 'a condition first', 'boolean')([test]);
    if (!('kind' in refused)) return refused;
    const simple = taking(SIMPLE, 'simple values', 'text')([left, right]);
    if (!('kind' in simple)) return simple;
    if (isNumeric(left.kind) && isNumeric(right.kind)) {
      const result = joined([left, right]);
      return 'kind' in result ? { ...result, args: [test, ...result.args] } : result;
    }
    if (left.kind === right.kind) return { kind: left.kind as Simple };
    return [
      `: Expected two values of one kind, got ${nameOf(left)} (${kindText(left)}) and ${nameOf(right)} (${kindText(right)})`,
      'write both as text, or both as numbers',
    ];
  });
const NO_CHOICE = [': Expected a condition and two values', "write when(gt(order.price, 100), 'large', 'small')"] as const;

const MOST_BOUNDS = 50;
/**
 * The lower bound of the bucket that a number is in: the greatest bound that is not greater than it, null below the first.
 * Whole bounds give integers; bounds with a fraction give text, since floats cannot be dimensions.
 * @example metric(order, { dimensions: { size: bucket(order.price, [0, 10, 100]) }, … }) // 0, 10 or 100
 */
export const bucket = <const A, const B extends readonly number[]>(
  a: Arg<'bucket', A, Numeric, 'a number'>,
  bounds: B,
): Expression<`${B[number]}` extends `${bigint}` ? 'integer' : 'text', `${B[number]}` extends `${bigint}` ? number : string, ReadsOf<A>> => {
  const isRight =
    Array.isArray(bounds) &&
    bounds.length > 0 &&
    bounds.length <= MOST_BOUNDS &&
    bounds.every((bound, i) => typeof bound === 'number' && Number.isFinite(bound) && (i === 0 || bound > (bounds[i - 1] as number)));
  const given: readonly number[] = isRight ? bounds : [];
  const isWhole = given.every(Number.isSafeInteger);
  return call(
    'bucket',
    [meaningOf('bucket: ', a), ...given.map((bound) => partOf('bucket', bound)), ...given.map((bound) => partOf('bucket', isWhole ? bound : String(bound)))],
    (nodes) => {
      const refused = taking(NUMERIC, 'a number', isWhole ? 'integer' : 'text')(nodes.slice(0, 1));
      if (!('kind' in refused) || isRight) return refused;
      return [`: Expected 1 to ${MOST_BOUNDS} bounds in ascending order`, 'write them as in bucket(order.price, [0, 10, 100])'];
    },
  );
};
