import type { MetricDefinition, Node } from '../definition.ts';
import { compileMeasures } from '../metric.ts';
import { batchSizes, windowSql } from '../windows.ts';
import { type Dialect, quoteIdentifier } from './dialect.ts';
import { expressionSql, fieldSql } from './expression.ts';

type FieldNode = Node & { op: 'field' };

/**
 * The second compiler: a query over parsed events (see lines.ts; one event type, whole days) that gives a metric's
 * states, one row for each window size, window and group:
 * size, window (YYYY-MM-DDTHH:MM), day, key (JSON array of dimension values), events (count), and a state (JSON text) per measure.
 * Of events with the same source and id the one that stands earliest in the log counts.
 */
export const statesSql = (dialect: Dialect, definition: MetricDefinition, events: string): string => {
  const fields = fieldsOf(definition);
  const columnOf = (field: FieldNode) => `f${fields.findIndex((other) => same(field, other))}`;
  const expression = (node: Node) => expressionSql(dialect, node, columnOf);
  const paths = fields.map((field) => field.path);
  const sizes = batchSizes(definition.window);
  const dimensions = definition.dimensions.map(({ of }, i) => ({ sql: expression(of), column: `d${i}`, kind: of.kind }));
  const values = definition.measures.map(({ of }, i) => ({ sql: of === null ? null : expression(of), column: `v${i}` }));
  const measures = compileMeasures(definition.measures);
  const windows = sizes.map((_, i) => `w${i}`);
  const groups = dimensions.map(({ column }) => column);
  const window = `coalesce(${windows.join(', ')})`;
  const key = dimensions.map(({ column, kind }) => `coalesce(${kind === 'text' ? dialect.json(column) : `CAST(${column} AS VARCHAR)`}, 'null')`);
  const list = (...items: readonly string[]) => items.join(',\n  ');
  return `WITH kept AS (
${keptSql(events, 'time, id, data')}
), documents AS (
SELECT time, id${fields.length > 0 ? `, ${dialect.document('data', paths)} AS document` : ''} FROM kept
), jsons AS ${dialect.materialized} (
SELECT ${list('time', 'id', ...fields.map((_, i) => `${dialect.at('document', paths, i)} AS j${i}`))}
FROM documents
), fields AS ${dialect.materialized} (
SELECT ${list('time', 'id', ...fields.map(({ kind }, i) => `${fieldSql(dialect, `j${i}`, kind)} AS f${i}`))}
FROM jsons
), counted AS ${dialect.materialized} (
SELECT ${list('time', 'id', ...sizes.map((size, i) => `${windowSql('time', size)} AS w${i}`), ...[...dimensions, ...values].flatMap(({ sql, column }) => (sql === null ? [] : [`${sql} AS ${column}`])))}
FROM fields${definition.where === null ? '' : `\nWHERE ${expression(definition.where)}`}
)
SELECT ${list(
    `CASE ${sizes.map((size, i) => `WHEN w${i} IS NOT NULL THEN '${size}'`).join(' ')} END AS ${quoteIdentifier('size')}`,
    `${window} AS ${quoteIdentifier('window')}`,
    `substr(${window}, 1, 10) AS ${quoteIdentifier('day')}`,
    `${['\'[\'', key.join(" || ',' || "), '\']\''].filter((part) => part !== '').join(' || ')} AS ${quoteIdentifier('key')}`,
    `count(*) AS ${quoteIdentifier('events')}`,
    ...measures.map(({ name, measure }, i) => `${measure.sql(dialect, `v${i}`)} AS ${quoteIdentifier(name)}`),
  )}
FROM counted
GROUP BY GROUPING SETS (${windows.map((column) => `(${[column, ...groups].join(', ')})`).join(', ')})`;
};

/** The events that count: of those with the same source and id on a day the earliest in the log, unless one of another day came shortly before. */
export const keptSql = (events: string, columns: string): string =>
  `SELECT ${columns} FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY shard, length(seq), seq, line) AS nth FROM ${events}
) WHERE nth = 1 AND NOT repeated`;

const same = (a: FieldNode, b: FieldNode) => a.kind === b.kind && a.path.join('\0') === b.path.join('\0');
export const fieldsOf = ({ dimensions, measures, where }: Pick<MetricDefinition, 'dimensions' | 'measures' | 'where'>): FieldNode[] => {
  const found: FieldNode[] = [];
  const visit = (node: Node | null): void => {
    if (node === null) return;
    if (node.op === 'field' && !found.some((other) => same(node, other))) found.push(node);
    if ('args' in node) node.args.forEach(visit);
  };
  for (const { of } of [...dimensions, ...measures]) visit(of);
  visit(where);
  return found;
};
