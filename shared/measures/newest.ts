import { z } from 'zod';
import type { Scalar } from '../definition/definition.ts';
import { compareText } from '../definition/text.ts';
import type { Dialect } from '../sql/dialect.ts';
import { sqlType } from '../sql/types.ts';

import { compareScalars } from './extreme.ts';
import type { Json, MeasureKind } from './measure.ts';
import { valueSchema } from './value-schema.ts';

export interface Placed {
  readonly t: string;
  readonly id: string;
  readonly v: Scalar;
}

/** By event time, then id, then value: the same order as SQL's of the struct (t, id, v). */
const compare = (a: Placed, b: Placed): number => compareText(a.t, b.t) || compareText(a.id, b.id) || compareScalars(a.v, b.v);

/** The shared part of latest and first: `sign` is 1 for latest, −1 for first. */
export const newestKind = (name: 'latest' | 'first', sign: 1 | -1): MeasureKind<Placed | null, object> => {
  const better = (a: Placed | null, b: Placed | null) => (a === null ? b : b === null || compare(a, b) * sign >= 0 ? a : b);
  return {
    name,
    takes: { kinds: ['integer', 'decimal', 'float', 'text', 'boolean'], words: 'a simple value' },
    options: z.strictObject({}),
    answers: ({ kind }) => valueSchema(kind).nullable(),
    build: ({ kind }) => {
      const type = sqlType(kind ?? 'text');
      const placed = (dialect: Dialect, value: string) => dialect.placed(sign === 1 ? 'max' : 'min', value, type);
      return {
        zero: () => null,
        add: (state, value, { time, id }) => (value === null ? state : better(state, { t: time, id, v: value })),
        merge: better,
        present: (state) => state?.v ?? null,
        encode: (state) => (state === null ? null : [state.t, state.id, state.v]),
        decode: (json: Json) => {
          if (json === null) return null;
          if (!Array.isArray(json)) return json as unknown as Placed;
          const [t, id, v] = json as unknown as [string, string, Scalar];
          return { t, id, v };
        },
        sql: (dialect, value) => dialect.json(placed(dialect, value)),
        finished: { type, sql: (dialect, value) => `(${placed(dialect, value)}).v` },
      };
    },
  };
};
