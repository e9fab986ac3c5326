import type Database from 'libsql';
import type { Found, Hit, Presented } from '../../ports/search-index.ts';
import type { Filter, Question, Term } from '../../ports/search-question.ts';
import { CLOSE, markUp, OPEN } from '../../search/highlight.ts';
import { searchValue } from '../../search/schema.ts';
import { composed, PLAIN } from '../../search/words.ts';
import { marksOf, type Tables } from './search-tables.ts';

/** SQL with its parameters; values appear only in those. */
interface Sql {
  readonly text: string;
  readonly values: readonly (string | number)[];
}
const sql = (text: string, ...values: readonly (string | number)[]): Sql => ({ text, values });
const joined = (parts: readonly Sql[], by: string): Sql => sql(parts.map(({ text }) => text).join(by), ...parts.flatMap(({ values }) => values));

/** Words have only letters, digits and marks, so they never contain FTS5's syntax. A whole word scores twice, so that it ranks above words of which it is a prefix. */
const match = (terms: readonly Term[]): string =>
  terms
    .map(({ words, prefix }) => {
      const phrase = `"${words.map((word) => [...word].map((letter) => PLAIN.get(letter) ?? letter).join('')).join(' ')}"`;
      return prefix ? `(${phrase} OR ${phrase} *)` : phrase;
    })
    .join(' AND ');

/** The hits of a query, which has at least one searchable term or none at all. */
export const findIn = (database: Database.Database, { documents, words, columns, searched }: Tables, question: Question): Found => {
  const { terms, filters, order, limit, after } = question;
  if (terms !== null && (terms.length === 0 || searched.length === 0)) return { total: 0, hits: [], next: null };
  const columnOf = (name: string, kind: string) => columns.find(({ field }) => field.name === name && field.kind === kind)?.column ?? 'NULL';
  const conditions = [
    sql('stands = 1'),
    ...(terms === null ? [] : [sql(`${words} MATCH ?`, match(terms))]),
    ...filters.map((filter) => filtered(columnOf(filter.field.name, filter.field.kind), filter)),
  ];
  const from = terms === null ? documents : `${words} JOIN ${documents} ON ${documents}.id = ${words}.rowid`;
  const where = joined(conditions, ' AND ');
  const [{ total }] = database.prepare(`SELECT count(*) AS total FROM ${from} WHERE ${where.text}`).all(...where.values) as [{ total: number }];

  const isByRelevance = order.by === 'relevance';
  const value = isByRelevance ? `-bm25(${words})` : order.by === 'field' ? columnOf(order.field.name, order.field.kind) : 'NULL';
  const found = sql(`SELECT ${documents}.id, key, ${value} AS value FROM ${from} WHERE ${where.text}`, ...where.values);
  const descending = isByRelevance || (order.by === 'field' && order.descending);
  const place = after === null ? sql('true') : behind(order.by === 'key', descending, after);
  const sorted = order.by === 'key' ? 'key' : `value ${descending ? 'DESC' : 'ASC'} NULLS LAST, key`;
  const rows = database
    .prepare(`SELECT id, CAST(key AS BLOB) AS key, value FROM (${found.text}) WHERE ${place.text} ORDER BY ${sorted} LIMIT ?`)
    .all(...found.values, ...place.values, limit + 1) as Row[];
  const page = rows.slice(0, limit).map((row) => ({ ...row, key: Buffer.from(row.key).toString() }));
  const last = page.at(-1);
  const ids = page.map(({ id }) => id);
  const entities = new Map(entitiesOf(database, documents, ids));
  const shadows = terms === null ? new Map() : new Map(shadowsOf(database, words, searched, match(terms), ids));
  return {
    total,
    hits: page.map(({ id, key, value }) => {
      const entity = JSON.parse(entities.get(id) as string) as Presented;
      return { key, score: isByRelevance ? value : null, entity, highlights: highlightsOf(entity, searched, shadows.get(id) ?? []) };
    }),
    next: rows.length > limit && last !== undefined ? { value: last.value, key: last.key } : null,
  };
};

interface Row {
  readonly id: number;
  /** As bytes: text would end at its first NUL. */
  readonly key: ArrayBuffer;
  readonly value: number | null;
}
const listOf = (ids: readonly number[]) => ids.map(() => '?').join(', ');
const entitiesOf = (database: Database.Database, documents: string, ids: readonly number[]): [number, string][] =>
  (database.prepare(`SELECT id, entity FROM ${documents} WHERE id IN (${listOf(ids)})`).all(...ids) as { id: number; entity: string }[]).map(
    ({ id, entity }) => [id, entity],
  );

/** The searched texts of these documents, with marks. The plus makes SQLite match the terms once, not once per document. */
const shadowsOf = (database: Database.Database, words: string, searched: readonly string[], terms: string, ids: readonly number[]): [number, string[]][] => {
  const shown = searched.map((_, i) => `highlight(${words}, ${i}, ?, ?) AS w${i}`).join(', ');
  const marks = searched.flatMap(() => [OPEN, CLOSE]);
  const rows = database
    .prepare(`SELECT rowid AS id, ${shown} FROM ${words} WHERE ${words} MATCH ? AND +rowid IN (${listOf(ids)})`)
    .all(...marks, terms, ...ids);
  return (rows as Readonly<Record<string, string | number>>[]).map((row) => [Number(row.id), searched.map((_, i) => String(row[`w${i}`]))]);
};
const highlightsOf = (entity: Presented, searched: readonly string[], shadows: readonly string[]): Hit['highlights'] =>
  Object.fromEntries(
    searched.flatMap((name, i) => {
      const parts = marksOf(shadows[i] ?? '');
      return parts.length === 0 ? [] : [[name, markUp(composed(String(searchValue('text', entity[name]) ?? '')), parts)] as const];
    }),
  );

const filtered = (column: string, { values, ranges }: Filter): Sql => {
  const ways = ranges.map(({ from, to }) =>
    joined([...(from === null ? [] : [sql(`${column} >= ?`, from)]), ...(to === null ? [] : [sql(`${column} < ?`, to)])], ' AND '),
  );
  if (values.length > 0)
    ways.push(sql(`${column} IN (${values.map(() => '?').join(', ')})`, ...values.map((value) => (typeof value === 'boolean' ? Number(value) : value))));
  const { text, values: bound } = joined(ways, ' OR ');
  return sql(`(${text})`, ...bound);
};

/** The hits after a position; nulls come last. */
const behind = (isByKey: boolean, descending: boolean, { value, key }: NonNullable<Question['after']>): Sql => {
  if (isByKey) return sql('key > ?', key);
  if (value === null) return sql('value IS NULL AND key > ?', key);
  return sql(`(value ${descending ? '<' : '>'} ? OR (value = ? AND key > ?) OR value IS NULL)`, value, value, key);
};
