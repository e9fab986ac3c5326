import { z } from 'zod';
import type { Arg, ReadsOf } from '../definition/expression.ts';
import { addTo, decodeSum, encodeSum, mergeInto, outSql, quotient, scaled, summand, sumText, type Total, totalSql } from './exact-sum.ts';
import { type Json, type MeasureKind, type MeasureUse, measureOf, type Where } from './measure.ts';
import { refusesScale, type ScaleOption, SUMMABLE, type Summable, type SummableWords, scaleOptions } from './sum.ts';

/**
 * The arithmetic mean, from an exact total and count; null if no event had a value.
 * @example mean(order.price)
 * @example mean(order.weight, { scale: 3 }) // a float: how many of its decimals count
 */
export const mean = <const A, const O extends ScaleOption = Record<never, never>, const W = never>(
  a: Arg<'mean', A, Summable<O>, SummableWords>,
  options?: O & Where<W>,
): MeasureUse<'mean', number | null, ReadsOf<A> | ReadsOf<W>> => measureOf('mean', a, options);

interface Mean extends Total {
  /** Values in the total. */
  n: number;
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
      zero: () => ({ n: 0, total: null, out: 0 }),
      add: (state, value) => {
        if (addTo(state, whole(value))) state.n++;
        return state;
      },
      merge: (a, b) => {
        a.n += b.n;
        return mergeInto(a, b);
      },
      present: ({ n, total }) => (total === null ? null : quotient(total, BigInt(n) * 10n ** BigInt(scale))),
      outOfRange: ({ out }) => out,
      encode: ({ n, total, out }) => [n, encodeSum(total), ...(out === 0 ? [] : [out])],
      decode: (json) => {
        const [n, total, out = 0] = json === null ? [0, null] : (json as readonly Json[]);
        return { n: Number(n), total: n === 0 ? null : decodeSum(total ?? null), out: Number(out) };
      },
      finished: {
        type: 'DOUBLE',
        sql: (dialect, value) => `CAST(${totalSql(dialect, value, kind, scale)} AS DOUBLE) / (nullif(count(${summand(value, kind, scale)}), 0) * 1e${scale})`,
      },
      sql: (dialect, value) => {
        const count = `CAST(count(${summand(value, kind, scale)}) AS VARCHAR)`;
        const end = kind === 'integer' ? `'"]'` : `'",' || ${outSql(value, kind, scale)} || ']'`;
        return `'[' || ${count} || ',"' || coalesce(${sumText(dialect, value, kind, scale)}, '0') || ${end}`;
      },
    };
  },
};
