import { z } from 'zod';
import type { EventOf, Expression, Fits } from '../expressions.ts';
import type { Numeric } from '../kinds.ts';
import { addExact, decodeSum, type ExactSum, encodeSum, scaled, sumText, unscaled } from './exact-sum.ts';
import { type MeasureKind, type MeasureUse, measureOf } from './measure.ts';

export interface ScaleOption {
  /** Decimals that a float is counted with, 0 to 9. */
  readonly scale?: number;
}
export type Summable<O> = O extends { readonly scale: number } ? Numeric : 'integer' | 'decimal';
type Words = 'an integer, z.int(), or a decimal(scale)';

/** The exact total, whatever the order; null where no event had a value. */
export const sum = <const A extends Expression, const O extends ScaleOption = Record<never, never>>(
  a: A & Fits<'sum', A, Summable<O>, Words>,
  options?: O,
): MeasureUse<'sum', 'decimal', EventOf<A>> => measureOf('sum', a, options);

export const SUMMABLE = { kinds: ['integer', 'decimal', 'float'], words: 'an integer, z.int(), or a decimal(scale)' } as const;
export const scaleOptions: z.ZodType<ScaleOption> = z.strictObject({ scale: z.int().min(0).max(9).exactOptional() });
export const refusesScale = ({ kind, options }: { kind: string | null; options: ScaleOption }): string | null => {
  if (kind === 'float')
    return options.scale === undefined ? 'a float has no exact total; write z.int() or decimal(2) in the schema, or { scale: 6 } on the measure' : null;
  return options.scale === undefined ? null : `{ scale } is for floats; an ${kind} has its own`;
};

export const sumKind: MeasureKind<ExactSum, ScaleOption> = {
  name: 'sum',
  takes: SUMMABLE,
  options: scaleOptions,
  refuses: refusesScale,
  build: ({ kind, scale }) => {
    const whole = scaled(kind, scale);
    return {
      zero: () => null,
      add: (total, value) => addExact(total, whole(value)),
      merge: addExact,
      present: (total) => (total === null ? null : unscaled(total, scale)),
      encode: encodeSum,
      decode: decodeSum,
      sql: (dialect, value) => `'"' || ${sumText(dialect, value, kind, scale)} || '"'`,
    };
  },
};
