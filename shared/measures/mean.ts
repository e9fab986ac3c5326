import { z } from 'zod';
import type { Arg, ReadsOf } from '../definition/expression.ts';
import { addExact, decodeSum, type ExactSum, encodeSum, scaled, summand, sumText } from './exact-sum.ts';
import { type Json, type MeasureKind, type MeasureUse, measureOf } from './measure.ts';
import { refusesScale, type ScaleOption, SUMMABLE, type Summable, type SummableWords, scaleOptions } from './sum.ts';

/**
 * The arithmetic mean, from an exact total and count; null where no event had a value.
 * @example mean(order.price)
 * @example mean(order.weight, { scale: 3 }) // a float: how many of its decimals count
 */
export const mean = <const A, const O extends ScaleOption = Record<never, never>>(
  a: Arg<'mean', A, Summable<O>, SummableWords>,
  options?: O,
): MeasureUse<'mean', number | null, ReadsOf<A>> => measureOf('mean', a, options);

interface Mean {
  n: number;
  total: ExactSum;
}

export const meanKind: MeasureKind<Mean, ScaleOption> = {
  name: 'mean',
  takes: SUMMABLE,
  options: scaleOptions,
  refuses: refusesScale,
  answers: () => z.number().nullable(),
  build: ({ kind, scale }) => {
    const whole = scaled(kind, scale);
    return {
      zero: () => ({ n: 0, total: null }),
      add: (state, value) => {
        const one = whole(value);
        if (one === null) return state;
        state.n++;
        state.total = addExact(state.total, one);
        return state;
      },
      merge: (a, b) => {
        a.n += b.n;
        a.total = addExact(a.total, b.total);
        return a;
      },
      present: ({ n, total }) => (total === null ? null : Number(total) / (n * 10 ** scale)),
      encode: ({ n, total }) => [n, encodeSum(total)],
      decode: (json) => {
        const [n, total] = json === null ? [0, null] : (json as readonly Json[]);
        return n === 0 ? { n: 0, total: null } : { n: Number(n), total: decodeSum(total ?? null) };
      },
      sql: (dialect, value) =>
        `'[' || CAST(count(${summand(value, kind, scale)}) AS VARCHAR) || ',"' || coalesce(${sumText(dialect, value, kind, scale)}, '0') || '"]'`,
    };
  },
};
