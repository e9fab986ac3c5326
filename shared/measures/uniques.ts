import { z } from 'zod';
import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Countable } from '../definition/kinds.ts';
import { type Registers, STANDARD_ERROR, sketch } from './hyperloglog.ts';
import { type MeasureKind, type MeasureUse, measureOf, type Where } from './measure.ts';

/**
 * The estimated number of distinct values, by a sketch: HyperLogLog with 4096 registers, relative standard error 1.6 %.
 * @example uniques(edit.user)
 */
export const uniques = <const A, const W = never>(
  a: Arg<'uniques', A, Countable, 'text, an integer or a boolean'>,
  options?: Where<W>,
): MeasureUse<'uniques', number, ReadsOf<A> | ReadsOf<W>> => measureOf('uniques', a, options);

export const uniquesKind: MeasureKind<Registers, object> = {
  name: 'uniques',
  takes: { kinds: ['text', 'integer', 'boolean'], words: 'text, an integer or a boolean' },
  options: z.strictObject({}),
  standardError: STANDARD_ERROR,
  answers: () => z.int().min(0),
  build: () => ({
    zero: sketch.zero,
    add: (registers, value) => sketch.add(registers, String(value)),
    merge: sketch.merge,
    present: sketch.estimate,
    encode: sketch.encode,
    decode: sketch.decode,
    sql: sketch.sql,
  }),
};
