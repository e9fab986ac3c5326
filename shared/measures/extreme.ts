import { z } from 'zod';
import type { Scalar } from '../definition/definition.ts';
import { compareText } from '../definition/text.ts';
import { sqlType } from '../sql/types.ts';

import type { Json, MeasureKind } from './measure.ts';
import { valueSchema } from './value-schema.ts';

/** Compares values of one kind as both SQL engines do: numbers by size, text by UTF-8 bytes, false before true. */
export const compareScalars = (a: Scalar, b: Scalar): number => (typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b));

/** The shared part of min and max: `sign` is 1 for max, −1 for min. */
export const extremeKind = (name: 'min' | 'max', sign: 1 | -1): MeasureKind<Scalar | null, object> => {
  const better = (a: Scalar | null, b: Scalar | null) => (a === null ? b : b === null || compareScalars(a, b) * sign >= 0 ? a : b);
  return {
    name,
    takes: { kinds: ['integer', 'decimal', 'float', 'text'], words: 'a number or text' },
    options: z.strictObject({}),
    answers: ({ kind }) => valueSchema(kind).nullable(),
    build: ({ kind }) => ({
      zero: () => null,
      add: better,
      merge: better,
      present: (value) => value,
      encode: (value) => value,
      decode: (json: Json) => json as Scalar | null,
      sql: (dialect, value) => dialect.json(`${name}(${value})`),
      finished: { type: sqlType(kind ?? 'text'), sql: (_, value) => `${name}(${value})` },
    }),
  };
};
