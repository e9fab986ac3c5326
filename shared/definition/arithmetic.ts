import { call, type Joined, joined, type KindOfArgument, NUMERIC, partOf, type Refusal, type Result, scaleOf, taking } from './call.ts';
import type { CallOp, Node } from './definition.ts';
import { type Arg, type Expression, meaningOf, nameOf, type ReadsOf } from './expression.ts';
import type { Numeric } from './kinds.ts';

type Operand<Name extends string, A> = A extends number ? A : Arg<Name, A, Numeric, 'a number'>;
type Calculated<A, B> = Expression<Joined<KindOfArgument<A> | KindOfArgument<B>>, number, ReadsOf<A> | ReadsOf<B>>;

const MOST_DECIMALS = 9;
const numbers = taking(NUMERIC, 'numbers', 'float');

const arithmetic = <E extends Expression>(op: CallOp, a: unknown, b: unknown, scaleOfResult: (args: readonly Node[], scale: number) => number): E =>
  call<E>(op, [partOf(op, a), partOf(op, b)], (nodes) => {
    const refused = numbers(nodes);
    if (!('kind' in refused)) return refused;
    const result = joined(nodes);
    if (!('kind' in result) || result.kind !== 'decimal') return result;
    const scale = scaleOfResult(result.args, result.scale ?? 0);
    return scale > MOST_DECIMALS
      ? [
          `: Expected a result of at most ${MOST_DECIMALS} decimals, got ${scale}: ${nodes.map(nameOf).join(' and ')}`,
          'round one of them first, as in round(x, 2)',
        ]
      : { ...result, scale };
  });
const largest = (_: readonly Node[], scale: number) => scale;

/**
 * The sum of two numbers. Integers and decimals are exact; a result past 2^53 (a decimal past 2^51 of its units) is null, as
 * is a float past 8e307.
 * @example sum(add(order.price, order.shipping))
 */
export const add = <const A, const B>(a: Operand<'add', A>, b: Operand<'add', B>): Calculated<A, B> => arithmetic('add', a, b, largest);
/**
 * The difference; with the limits of `add`.
 * @example quantiles(sub(request.endMs, request.startMs))
 */
export const sub = <const A, const B>(a: Operand<'sub', A>, b: Operand<'sub', B>): Calculated<A, B> => arithmetic('sub', a, b, largest);
/**
 * The product; with the limits of `add`. Decimals of 2 and 3 places give one of 5.
 * @example sum(mul(item.price, item.quantity))
 * @example sum(round(mul(order.price, 0.19), 2))
 */
export const mul = <const A, const B>(a: Operand<'mul', A>, b: Operand<'mul', B>): Calculated<A, B> =>
  arithmetic('mul', a, b, (args) => args.reduce((scale, arg) => scale + (scaleOf(arg) ?? 0), 0));
/**
 * The quotient as a float; null where the divisor is 0. For a ratio of sums, such as an error rate, divide in a formula instead.
 * @example quantiles(div(transfer.bytes, transfer.seconds))
 */
export const div = <const A, const B>(a: Operand<'div', A>, b: Operand<'div', B>): Expression<'float', number, ReadsOf<A> | ReadsOf<B>> =>
  call('div', [partOf('div', a), partOf('div', b)], numbers);

const rounded = (digits: number): Result => (digits === 0 ? { kind: 'integer' } : { kind: 'decimal', scale: digits });
const WRONG_DIGITS: Refusal = [`: Expected 0 to ${MOST_DECIMALS} digits`, 'write round(x) for a whole number, round(x, 2) for two decimals'];
/**
 * The nearest whole number, or with `digits` the nearest decimal of so many places; a half goes up. Null past the limits of `add`.
 * @example sum(round(sensor.celsius, 1))
 */
export const round = <const A, const D extends number = 0>(
  a: Arg<'round', A, Numeric, 'a number'>,
  digits?: D,
): Expression<D extends 0 ? 'integer' : 'decimal', number, ReadsOf<A>> => {
  const places: number = digits ?? 0;
  const isRight = Number.isInteger(places) && places >= 0 && places <= MOST_DECIMALS;
  return call('round', [meaningOf('round: ', a), ...(isRight ? [partOf('round', places)] : [])], (nodes) => {
    const refused = numbers(nodes);
    return !('kind' in refused) ? refused : isRight ? rounded(places) : WRONG_DIGITS;
  });
};
/**
 * The greatest whole number that is not greater; null past 2^53.
 * @example floor(div(session.seconds, 60))
 */
export const floor = <const A>(a: Arg<'floor', A, Numeric, 'a number'>): Expression<'integer', number, ReadsOf<A>> =>
  call('floor', [meaningOf('floor: ', a)], taking(NUMERIC, 'a number', 'integer'));
