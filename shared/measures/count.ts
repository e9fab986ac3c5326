import { z } from 'zod';
import type { MeasureKind, MeasureUse } from './measure.ts';

/**
 * The number of events.
 * @example measures: { edits: count() }
 */
export const count = (): MeasureUse<'count', number, never> => ({ measure: 'count', of: null, options: {} });

export const countKind: MeasureKind<number, object> = {
  name: 'count',
  takes: null,
  options: z.strictObject({}),
  answers: () => z.int().min(0),
  build: () => ({
    zero: () => 0,
    add: (n) => n + 1,
    merge: (a, b) => a + b,
    present: (n) => n,
    encode: (n) => n,
    decode: (json) => (json === null ? 0 : Number(json)),
    sql: () => 'CAST(count(*) AS VARCHAR)',
  }),
};
