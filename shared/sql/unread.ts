import type { MetricDefinition } from '../definition/definition.ts';
import type { Kind } from '../definition/kinds.ts';
import type { Dialect } from './dialect.ts';
import { fieldsOf } from './fields.ts';

/** A field that a definition reads. */
export interface ReadField {
  readonly field: string;
  readonly kind: Kind;
}
export const readFields = (definition: MetricDefinition): ReadField[] => fieldsOf(definition).map(({ path, kind }) => ({ field: path.join('.'), kind }));

/**
 * In how many of these events (see events.ts) each field of `readFields` has a value of another kind, which the definition
 * treats as missing: one row, with a column `u0`, `u1` … for each field. Duplicates count once.
 */
export const unreadSql = (dialect: Dialect, definition: MetricDefinition, events: string): string => {
  const fields = fieldsOf(definition);
  const paths = fields.map(({ path }) => path);
  const all = (item: (i: number) => string, separator: string) => fields.map((_, i) => item(i)).join(separator);
  return `WITH documents AS (
SELECT ${all((i) => `f${i}`, ', ')}, ${dialect.document(dialect.parsed('data'), paths)} AS document
FROM ${events} AS e
WHERE NOT repeated AND nth = 1 AND (${all((i) => `f${i} IS NULL`, ' OR ')})
), jsons AS (
SELECT ${all((i) => `f${i}, ${dialect.at('document', paths, i)} AS j${i}`, ',\n  ')}
FROM documents
)
SELECT ${all((i) => `count(CASE WHEN f${i} IS NULL AND j${i} <> 'null' THEN 1 END) AS u${i}`, ',\n  ')}
FROM jsons`;
};
