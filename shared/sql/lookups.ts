import type { LookupNode } from '../definition/definition.ts';
import { lookupsOf } from '../definition/lookups.ts';
import { type Dialect, quoteText } from './dialect.ts';
import { expressionSql, fieldSql } from './expression.ts';
import { fieldColumn, type Reading } from './fields.ts';
import { sqlType } from './types.ts';

/** A table as it is from an event time on, until the next one of the same table. */
export interface InForce {
  readonly table: string;
  /** Canonical text; '' for all times. */
  readonly from: string;
  /** The rows, by the SHA-256 of their text. */
  readonly rows: string;
}

/** The column of a lookup's values, l0, l1 …, in what `lookedUpSql` gives. */
export const lookupColumn = (definition: Reading) => {
  const lookups = lookupsOf(definition).map((node) => JSON.stringify(node));
  return (node: LookupNode): string => `l${lookups.indexOf(JSON.stringify(node))}`;
};

/** Joins what a definition counts, events or items (see items.ts), with what it looks up. */
export type LookUp = (counted: string) => string;
export const NO_LOOKUPS: LookUp = (counted) => counted;

/**
 * Events or items with the values of a definition's lookups, each joined with the rows that were in force at its own time.
 * @param counted parsed events, or items.
 * @param inForce by `from`, of any tables.
 * @param tables the relation of rows (`SqlEngine.tables`).
 */
export const lookedUpSql = (
  dialect: Dialect,
  definition: Reading,
  counted: string,
  inForce: readonly InForce[],
  tables: (rows: readonly string[]) => string,
): string => {
  const lookups = lookupsOf(definition);
  if (lookups.length === 0) return counted;
  const column = lookupColumn(definition);
  const field = fieldColumn(definition);
  const joins: string[] = [];
  const values: string[] = [];
  for (const own of alike(lookups)) {
    const { table, args } = own[0];
    const versions = inForce.filter((one) => one.table === table);
    if (versions.length === 0) {
      values.push(...own.map((node) => `CAST(NULL AS ${sqlType(node.kind)}) AS ${column(node)}`));
      continue;
    }
    const place = `_t${joins.length}`;
    const paths = own.map((node) => [node.column]);
    // Cells are stored as text, which is read like the JSON text of a field of the column's kind.
    const typed = own.map((node) => `${node.kind === 'text' ? `_${column(node)}` : fieldSql(dialect, `_${column(node)}`, node.kind)} AS ${column(node)}`);
    const texts = own.map((node, i) => `${fieldSql(dialect, dialect.at('_cells', paths, i), 'text')} AS _${column(node)}`);
    // The latest first, so that the first that has begun decides.
    const when = versions.toReversed().map(({ from, rows }) => `WHEN time >= ${quoteText(from)} THEN ${quoteText(rows)}`);
    const key = `CAST(${expressionSql(dialect, args[0], (of) => (of.op === 'lookup' ? column(of) : field(of)))} AS VARCHAR)`;
    const relation = tables([...new Set(versions.map(({ rows }) => rows))]);
    joins.push(`LEFT JOIN (
SELECT _rows, _key, ${typed.join(', ')} FROM (
SELECT _rows, _key, ${texts.join(', ')} FROM (
SELECT _rows, _key, ${dialect.document(dialect.parsed('_row'), paths)} AS _cells FROM ${relation} AS t
) AS o
) AS c
) AS ${place} ON ${place}._key = ${key} AND ${place}._rows = CASE ${when.join(' ')} END`);
    values.push(...own.map(column));
  }
  return `(SELECT e.*, ${values.join(', ')} FROM ${counted} AS e${joins.map((join) => `\n${join}`).join('')})`;
};

/** Those with the same table and key together: one join gives all of their columns. */
const alike = (lookups: readonly LookupNode[]): (readonly [LookupNode, ...LookupNode[]])[] => {
  const groups = new Map<string, [LookupNode, ...LookupNode[]]>();
  for (const node of lookups) {
    const name = JSON.stringify([node.table, node.args]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [node]);
    else group.push(node);
  }
  return [...groups.values()];
};
