import type { MetricDefinition } from '../definition/definition.ts';
import { itemName } from '../definition/expression.ts';
import type { Kind } from '../definition/kinds.ts';
import { type Dialect, quoteText } from './dialect.ts';
import { type Field, fieldsOf, itemFieldsOf } from './fields.ts';
import { itemsSql } from './items.ts';

/** A field that a definition reads: `items[].sku` is one of an array's items. */
export interface ReadField {
  readonly field: string;
  readonly kind: Kind;
}
export const readFields = (definition: MetricDefinition): ReadField[] => [
  ...fieldsOf(definition).map(({ path, kind }) => ({ field: path.join('.'), kind })),
  ...itemFieldsOf(definition).map((node) => ({ field: itemName(node), kind: node.kind })),
];

/**
 * In how many of these events (see events.ts) each of the event's fields has a value of another kind, which the definition
 * treats as missing: one row, with a column `u0`, `u1` … for each field. Duplicates count once.
 */
export const unreadSql = (dialect: Dialect, definition: MetricDefinition, events: string): string => {
  const fields = fieldsOf(definition);
  const paths = fields.map(({ path }) => path);
  const all = (item: (i: number) => string, separator: string) => fields.map((_, i) => item(i)).join(separator);
  return `WITH documents AS (
SELECT ${all((i) => `f${i}`, ', ')}, ${dialect.document(dialect.parsed('data'), paths)} AS document
FROM ${events} AS e
WHERE NOT repeated AND nth = 1 AND (${all((i) => `f${i} IS NULL AND ${mayHave(dialect, fields[i])}`, ' OR ')})
), jsons AS (
SELECT ${all((i) => `f${i}, ${dialect.at('document', paths, i)} AS j${i}`, ',\n  ')}
FROM documents
)
SELECT ${all((i) => `count(CASE WHEN f${i} IS NULL AND j${i} <> 'null' THEN 1 END) AS u${i}`, ',\n  ')}
FROM jsons`;
};

/** False for most of the data that has no such field, without parsing it. */
const mayHave = (dialect: Dialect, field: Field | undefined): string =>
  `(strpos(data, ${quoteText(JSON.stringify(field?.path[0] ?? ''))}) > 0 OR ${dialect.hasEscapes('data')})`;

/** The same of the items' fields: in how many items. Null if the definition reads none. */
export const unreadItemsSql = (dialect: Dialect, definition: MetricDefinition, events: string): string | null => {
  const { each } = definition;
  const fields = itemFieldsOf(definition);
  if (each === undefined || fields.length === 0) return null;
  return `SELECT ${fields.map((_, i) => `count(CASE WHEN g${i} IS NULL AND h${i} <> 'null' THEN 1 END) AS u${i}`).join(', ')}
FROM ${itemsSql(dialect, { ...definition, each }, events, 'NOT repeated AND nth = 1')} AS e`;
};
