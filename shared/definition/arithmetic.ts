import { call, type Joined, joined, type KindOfArgument, NUMERIC, partOf, type Refusal, type Result, scaleOf, taking } from './call.ts';
import type { CallOp, Node } from './definition.ts';
import { type Arg, type Expression, isExpression, meaningOf, nameOf, type ReadsOf } from './expression.ts';
import { type Formula, type FormulaOf, type FormulaOp, formulaOf, isFormula } from './formula.ts';
import type { Numeric } from './kinds.ts';

/** A number, or what a formula reads if the other argument is no expression. */
type Operand<Name extends string, A, B> = A extends number
  ? A
  : [A, B] extends [string | Formula, string | number | Formula]
    ? A
    : Arg<Name, A, Numeric, 'a number'>;
type Calculated<A, B> = Expression<Joined<KindOfArgument<A> | KindOfArgument<B>>, number, ReadsOf<A> | ReadsOf<B>>;
/** A formula of names of measures, else an expression. */
type OrFormula<A, B, E> = [Extract<A | B, string | Formula>] extends [never] ? E : FormulaOf<A, B>;

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
/** Names of measures make a formula, unless they are beside an expression, where a text is a mistake. */
const either = <A, B, E extends Expression>(op: FormulaOp, a: A, b: B, expression: () => E): OrFormula<A, B, E> => {
  const isNamed = [a, b].some((one) => typeof one === 'string' || isFormula(one)) && ![a, b].some(isExpression);
  return (isNamed ? formulaOf(op, a, b) : expression()) as OrFormula<A, B, E>;
};
const largest = (_: readonly Node[], scale: number) => scale;

/**
 * The sum of two numbers. Integers and decimals are exact; a result past 2^53 (a decimal past 2^51 of its units) is null, as
 * is a float past 8e307.
 * @example sum(add(order.price, order.shipping))
 * @example formulas: { changed: add('added', 'deleted') } // of merged measures
 */
export const add = <const A, const B>(a: Operand<'add', A, B>, b: Operand<'add', B, A>): OrFormula<A, B, Calculated<A, B>> =>
  either<A, B, Calculated<A, B>>('add', a as A, b as B, () => arithmetic('add', a, b, largest));
/**
 * The difference; with the limits of `add`.
 * @example quantiles(sub(request.endMs, request.startMs))
 * @example formulas: { growth: sub('added', 'deleted') } // of merged measures
 */
export const sub = <const A, const B>(a: Operand<'sub', A, B>, b: Operand<'sub', B, A>): OrFormula<A, B, Calculated<A, B>> =>
  either<A, B, Calculated<A, B>>('sub', a as A, b as B, () => arithmetic('sub', a, b, largest));
/**
 * The product; with the limits of `add`. Decimals of 2 and 3 places give one of 5.
 * @example sum(mul(item.price, item.quantity))
 * @example sum(round(mul(order.price, 0.19), 2))
 * @example formulas: { percent: mul('rate', 100) } // of merged measures
 */
export const mul = <const A, const B>(a: Operand<'mul', A, B>, b: Operand<'mul', B, A>): OrFormula<A, B, Calculated<A, B>> =>
  either<A, B, Calculated<A, B>>('mul', a as A, b as B, () => arithmetic('mul', a, b, (args) => args.reduce((scale, arg) => scale + (scaleOf(arg) ?? 0), 0)));
/**
 * The quotient as a float; null where the divisor is 0. For a ratio of sums, such as an error rate, divide in a formula instead.
 * @example quantiles(div(transfer.bytes, transfer.seconds))
 * @example formulas: { perUser: div('views', 'visitors') } // of merged measures
 */
export const div = <const A, const B>(
  a: Operand<'div', A, B>,
  b: Operand<'div', B, A>,
): OrFormula<A, B, Expression<'float', number, ReadsOf<A> | ReadsOf<B>>> =>
  either('div', a as A, b as B, () => call<Expression<'float', number, ReadsOf<A> | ReadsOf<B>>>('div', [partOf('div', a), partOf('div', b)], numbers));

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
