import { z } from 'zod';
import { isExpression, made, meaningOf, type ReadsOf } from '../definition/expression.ts';
import type { Mistake } from '../definition/mistakes.ts';
import { keeping, type MeasureKind, type MeasureUse, type Where } from './measure.ts';

/**
 * The number of events, or of those for which a condition is true.
 * @example measures: { edits: count() }
 * @example measures: { errors: count({ where: gte(request.status, 500) }) }
 */
export const count = <const W = never>(options: Where<W> = {}): MeasureUse<'count', number, ReadsOf<W>> => {
  if (isExpression(options)) {
    const of = meaningOf('', options);
    return { measure: 'count', of: { mistake: COUNTS_EVENTS, event: of.event }, options: {} };
  }
  const { where, ...rest }: { readonly where?: unknown } = options;
  if (where === undefined) return { measure: 'count', of: null, options: rest };
  const of = keeping(where, []);
  return made({ measure: 'count', of, options: rest }, of);
};

const COUNTS_EVENTS: Mistake = (event, example) => ({
  what: 'count: Expected nothing or { where }, got a field',
  fix: `write count(), or count({ where: exists(${event}.${example}) }) for events that have a value`,
});

export const countKind: MeasureKind<number, object> = {
  name: 'count',
  takes: null,
  options: z.strictObject({}),
  answers: () => z.int().min(0),
  addsUp: true,
  build: ({ kind }) => ({
    zero: () => 0,
    add: (n) => n + 1,
    merge: (a, b) => a + b,
    present: (n) => n,
    encode: (n) => n,
    decode: (json) => (json === null ? 0 : Number(json)),
    sql: (_, value) => `CAST(count(${kind === null ? '*' : value}) AS VARCHAR)`,
    finished: { type: 'BIGINT', sql: (_, value) => `count(${kind === null ? '*' : value})` },
  }),
};
