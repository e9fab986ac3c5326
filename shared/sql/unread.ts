import type { MetricDefinition } from '../definition/definition.ts';
import type { Kind } from '../definition/kinds.ts';
import type { Dialect } from './dialect.ts';
import { fieldSql } from './expression.ts';
import { fieldsOf, placedSql } from './states.ts';

/** A field that a definition reads. */
export interface ReadField {
  readonly field: string;
  readonly kind: Kind;
}
export const readFields = (definition: MetricDefinition): ReadField[] => fieldsOf(definition).map(({ path, kind }) => ({ field: path.join('.'), kind }));

/**
 * In how many of these events (see lines.ts) each field of `readFields` has a value of another kind, which the definition
 * treats as missing: one row, with a column `u0`, `u1` … for each field. Duplicates count once.
 */
export const unreadSql = (dialect: Dialect, definition: MetricDefinition, events: string): string => {
  const fields = fieldsOf(definition);
  const paths = fields.map(({ path }) => path);
  const unread = (json: string, i: number) => `${json} <> 'null' AND ${fieldSql(dialect, json, fields[i]?.kind ?? 'text')} IS NULL`;
  return `WITH kept AS (
${placedSql(events, 'data', 'NOT repeated AND nth = 1')}
), documents AS (
SELECT ${dialect.document('data', paths)} AS document FROM kept
), jsons AS ${dialect.materialized} (
SELECT ${fields.map((_, i) => `${dialect.at('document', paths, i)} AS j${i}`).join(',\n  ')}
FROM documents
)
SELECT ${fields.map((_, i) => `count(CASE WHEN ${unread(`j${i}`, i)} THEN 1 END) AS u${i}`).join(',\n  ')}
FROM jsons`;
};
