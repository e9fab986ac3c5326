import { z } from 'zod';
import type { Arg, ReadsOf } from '../definition/expression.ts';
import { addExact, decodeSum, type ExactSum, encodeSum, quotient, scaled, summand } from './exact-sum.ts';
import { type Json, type MeasureKind, type MeasureUse, measureOf, type Where } from './measure.ts';
import { refusesScale, type ScaleOption, SUMMABLE, type Summable, type SummableWords, scaleOptions } from './sum.ts';

/**
 * The variance of the population: the mean of the squared distances from the mean, from exact totals; null if no event had a
 * value. Values of 2^45 units and more (35 billion at three decimals) are left out, and counted in `outOfRange`.
 * @example variance(request.ms)
 */
export const variance = <const A, const O extends ScaleOption = Record<never, never>, const W = never>(
  a: Arg<'variance', A, Summable<O>, SummableWords>,
  options?: O & Where<W>,
): MeasureUse<'variance', number | null, ReadsOf<A> | ReadsOf<W>> => measureOf('variance', a, options);

/** Squares below 2^90: 2^36 of them add up within 38 digits. */
const LIMIT = 2 ** 45;
/** How many values, their sum and that of their squares: power sums add up, whatever the order. */
export interface Moments {
  n: number;
  total: ExactSum;
  squares: ExactSum;
  out: number;
}

export const varianceKind: MeasureKind<Moments, ScaleOption> = {
  name: 'variance',
  takes: SUMMABLE,
  options: scaleOptions,
  refuses: refusesScale,
  answers: () => z.number().min(0).nullable(),
  build: ({ kind, scale }) => {
    const whole = scaled(kind, scale);
    return {
      zero: () => ({ n: 0, total: null, squares: null, out: 0 }),
      add: (state, value) => {
        const units = whole(value);
        if (units === null || Math.abs(Number(units)) > LIMIT) {
          state.out++;
          return state;
        }
        state.n++;
        state.total = addExact(state.total, units);
        const square = Number(units) ** 2;
        state.squares = addExact(state.squares, Number.isSafeInteger(square) ? square : BigInt(units) ** 2n);
        return state;
      },
      merge: (a, b) => {
        a.n += b.n;
        a.total = addExact(a.total, b.total);
        a.squares = addExact(a.squares, b.squares);
        a.out += b.out;
        return a;
      },
      present: ({ n, total, squares }) => {
        if (total === null || squares === null) return null;
        const count = BigInt(n);
        return quotient(count * BigInt(squares) - BigInt(total) ** 2n, count ** 2n * 10n ** BigInt(2 * scale));
      },
      outOfRange: ({ out }) => out,
      encode: ({ n, total, squares, out }) => [n, encodeSum(total), encodeSum(squares), ...(out === 0 ? [] : [out])],
      decode: (json) => {
        const [n = 0, total = null, squares = null, out = 0] = (json ?? []) as readonly Json[];
        const isEmpty = Number(n) === 0;
        return { n: Number(n), total: isEmpty ? null : decodeSum(total), squares: isEmpty ? null : decodeSum(squares), out: Number(out) };
      },
      sql: (dialect, value) => {
        const units = summand(value, kind, scale);
        const within = `CAST(CASE WHEN abs(${units}) <= ${LIMIT} THEN ${units} END AS ${dialect.big})`;
        const text = (sum: string) => `coalesce(CAST(sum(${sum}) AS VARCHAR), '0')`;
        const count = (of: string) => `CAST(${of} AS VARCHAR)`;
        return `'[' || ${count(`count(${within})`)} || ',"' || ${text(within)} || '","' || ${text(`${within} * ${within}`)} || '",' || ${count(`count(${value}) - count(${within})`)} || ']'`;
      },
    };
  },
};
