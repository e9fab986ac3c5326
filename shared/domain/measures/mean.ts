import type { EventOf, Expression, Fits } from '../expressions.ts';
import { addExact, decodeSum, type ExactSum, encodeSum, scaled, summand, sumText, unscaled } from './exact-sum.ts';
import { type Json, type MeasureKind, type MeasureUse, measureOf } from './measure.ts';
import { refusesScale, type ScaleOption, SUMMABLE, type Summable, scaleOptions } from './sum.ts';

/** The arithmetic mean, from an exact total and count; null where no event had a value. */
export const mean = <const A extends Expression, const O extends ScaleOption = Record<never, never>>(
  a: A & Fits<'mean', A, Summable<O>, 'an integer, z.int(), or a decimal(scale)'>,
  options?: O,
): MeasureUse<'mean', 'float', EventOf<A>> => measureOf('mean', a, options);

interface Mean {
  n: number;
  total: ExactSum;
}

export const meanKind: MeasureKind<Mean, ScaleOption> = {
  name: 'mean',
  takes: SUMMABLE,
  options: scaleOptions,
  refuses: refusesScale,
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
      present: ({ n, total }) => (total === null ? null : unscaled(total, scale) / n),
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
