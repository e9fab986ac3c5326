import { z } from 'zod';
import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Numeric } from '../definition/kinds.ts';
import { addTo, decimalText, decodeSum, encodeSum, isInexact, mergeInto, outSql, scaled, sumText, type Total, totalSql, unscaled } from './exact-sum.ts';
import { type Json, type MeasureKind, type MeasureUse, measureOf, type Where } from './measure.ts';

export interface ScaleOption {
  /** Decimals that a float is counted with, 0 to 9. */
  readonly scale?: number;
}
export type Summable<O> = O extends { readonly scale: number } ? Numeric : 'integer' | 'decimal';
export type SummableWords = 'an integer, z.int(), or a decimal(scale)';

/**
 * The exact total, in any order of events; null if no event had a value.
 * @example sum(edit.added)
 * @example sum(order.weight, { scale: 3 }) // a float: how many of its decimals count
 */
export const sum = <const A, const O extends ScaleOption = Record<never, never>, const W = never>(
  a: Arg<'sum', A, Summable<O>, SummableWords>,
  options?: O & Where<W>,
): MeasureUse<'sum', number | null, ReadsOf<A> | ReadsOf<W>> => measureOf('sum', a, options);

export const SUMMABLE = { kinds: ['integer', 'decimal', 'float'], words: 'an integer, z.int(), or a decimal(scale)' } as const;
export const scaleOptions: z.ZodType<ScaleOption> = z.strictObject({
  scale: z.int().min(0).max(9).exactOptional().meta({ description: 'a whole number from 0 to 9', example: '2' }),
});
export const refusesScale = ({ kind, options }: { kind: string | null; options: ScaleOption }): { what: string; fix: string } | null => {
  if (kind !== 'float') return options.scale === undefined ? null : { what: `{ scale } is for floats; an ${kind} has its own`, fix: 'leave { scale } out' };
  if (options.scale !== undefined) return null;
  return { what: 'a float has no exact total', fix: 'write z.int() or decimal(2) in the schema, or { scale: 6 } on the measure' };
};

export const sumKind: MeasureKind<Total, ScaleOption> = {
  name: 'sum',
  takes: SUMMABLE,
  options: scaleOptions,
  refuses: refusesScale,
  answers: () => z.number().nullable(),
  whenEmpty: 0,
  addsUp: true,
  build: ({ kind, scale }) => {
    const whole = scaled(kind, scale);
    return {
      zero: () => ({ total: null, out: 0 }),
      add: (sum, value) => {
        addTo(sum, whole(value));
        return sum;
      },
      merge: mergeInto,
      present: ({ total }) => (total === null ? null : unscaled(total, scale)),
      exact: ({ total }) => (total === null ? null : decimalText(total, scale)),
      isInexact: ({ total }) => total !== null && isInexact(total, scale),
      outOfRange: ({ out }) => out,
      encode: ({ total, out }) => (out === 0 ? encodeSum(total) : [encodeSum(total), out]),
      decode: (json) => {
        const [total, out] = Array.isArray(json) ? (json as readonly Json[]) : [json, 0];
        return { total: decodeSum(total ?? null), out: Number(out) };
      },
      finished:
        kind === 'integer'
          ? { type: 'BIGINT', sql: (dialect, value) => `TRY_CAST(${totalSql(dialect, value, kind, scale)} AS BIGINT)` }
          : { type: 'DOUBLE', sql: (dialect, value) => `CAST(${totalSql(dialect, value, kind, scale)} AS DOUBLE) / 1e${scale}` },
      sql: (dialect, value) => {
        const total = `'"' || ${sumText(dialect, value, kind, scale)} || '"'`;
        return kind === 'integer'
          ? total
          : `CASE WHEN count(${value}) > 0 THEN '[' || coalesce(${total}, 'null') || ',' || ${outSql(value, kind, scale)} || ']' END`;
      },
    };
  },
};
