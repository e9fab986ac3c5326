import type { MetricDefinition, Node } from '../definition/definition.ts';
import { batchSizes, windowSql } from '../definition/windows.ts';
import { compileMeasures } from '../fold/metric.ts';
import { type Dialect, quoteIdentifier } from './dialect.ts';
import { type Applied, excludedSql } from './exclusions.ts';
import { expressionSql, fieldSql } from './expression.ts';

type FieldNode = Node & { op: 'field' };

/**
 * The second compiler: a query over parsed events (see lines.ts; one event type, whole days) that gives a metric's
 * states, one row for each window size, window and group: window_start (YYYY-MM-DDTHH:MM), group_key (JSON array of
 * dimension values), group_events (count), a state (JSON text) per measure (see stateColumn), and last, to partition by, window_size and window_day.
 * Deduplicates: of events with the same source and id, the one at the earliest log position counts, unless it is excluded.
 */
export const statesSql = (dialect: Dialect, definition: MetricDefinition, events: string, exclusions: readonly Applied[]): string => {
  const excluded = excludedSql(dialect, exclusions, definition.event);
  const counts = `NOT repeated AND nth = 1${excluded === null ? '' : ` AND NOT ${excluded}`}`;
  const { ctes, expression } = fieldsSql(dialect, definition, placedSql(events, '*', counts), ['time', 'id']);
  const sizes = batchSizes(definition.window);
  const dimensions = definition.dimensions.map(({ of }, i) => ({ sql: expression(of), column: `d${i}`, kind: of.kind }));
  const values = definition.measures.flatMap(({ of }, i) => (of === null ? [] : [{ sql: expression(of), column: `v${i}` }]));
  const windows = sizes.map((_, i) => `w${i}`);
  const window = `coalesce(${windows.join(', ')})`;
  const key = dimensions
    .map(({ column, kind }) => `coalesce(${kind === 'text' ? dialect.json(column) : `CAST(${column} AS VARCHAR)`}, 'null')`)
    .join(" || ',' || ");
  return `WITH ${ctes}, counted AS ${dialect.materialized} (
SELECT ${list('time', 'id', ...sizes.map((size, i) => `${windowSql('time', size)} AS w${i}`), ...[...dimensions, ...values].map(({ sql, column }) => `${sql} AS ${column}`))}
FROM fields${whereSql(definition, expression)}
)
SELECT ${list(
    `${window} AS window_start`,
    `'[' || ${key === '' ? '' : `${key} || `}']' AS group_key`,
    'count(*) AS group_events',
    ...compileMeasures(definition.measures).map(({ name, measure }, i) => `${measure.sql(dialect, `v${i}`)} AS ${quoteIdentifier(stateColumn(name))}`),
    `CASE ${sizes.map((size, i) => `WHEN w${i} IS NOT NULL THEN '${size}'`).join(' ')} END AS window_size`,
    `substr(${window}, 1, 10) AS window_day`,
  )}
FROM counted
GROUP BY GROUPING SETS (${windows.map((column) => `(${[column, ...dimensions.map((dimension) => dimension.column)].join(', ')})`).join(', ')})`;
};

/** The column of a measure's states. Athena writes names in lower case whatever the query says, so every engine does; names differ by more than case. */
export const stateColumn = (measure: string): string => measure.toLowerCase();

/** What each layer leaves out. */
export interface Rules {
  readonly batch: readonly Applied[];
  readonly speed: readonly Applied[];
}
/**
 * How many events of the epochs from `fromMs` on the speed layer must have counted (`events`); how many of them the batch
 * layer does not count: duplicates too late for the speed layer to detect (`late`), and excluded ones (`excluded`); and
 * how many only the batch layer counts, because the speed layer left them out under an exclusion withdrawn since (`restored`).
 */
export const speedCountSql = (dialect: Dialect, definition: MetricDefinition, events: string, fromMs: number, { batch, speed }: Rules): string => {
  const flags = `*, ${excludedSql(dialect, batch, definition.event) ?? 'false'} AS excluded, ${excludedSql(dialect, speed, definition.event) ?? 'false'} AS skipped`;
  const { ctes, expression } = fieldsSql(
    dialect,
    { dimensions: [], measures: [], where: definition.where },
    placedSql(events, flags, `NOT repeated AND epoch >= ${fromMs}`),
    ['time', 'nth', 'excluded', 'skipped'],
  );
  const counts = (condition: string) => `count(CASE WHEN ${condition} THEN 1 END)`;
  return `WITH ${ctes}
SELECT ${list(
    `${counts('NOT skipped')} AS events`,
    `${counts('NOT skipped AND nth > 1')} AS late`,
    `${counts('NOT skipped AND nth = 1 AND excluded')} AS excluded`,
    `${counts('skipped AND nth = 1 AND NOT excluded')} AS restored`,
  )}
FROM fields${whereSql(definition, expression)}`;
};

/** Parsed events of one type and whole days, deduplicated per day, without excluded ones: what entities are computed from. */
export const keptSql = (dialect: Dialect, events: string, type: string, exclusions: readonly Applied[]): string => {
  const excluded = excludedSql(dialect, exclusions, type);
  return placedSql(events, 'source, id, subject, time, data', `NOT repeated AND nth = 1${excluded === null ? '' : ` AND NOT ${excluded}`}`);
};

const list = (...items: readonly string[]) => items.join(',\n  ');
const whereSql = ({ where }: MetricDefinition, expression: (node: Node) => string) => (where === null ? '' : `\nWHERE ${expression(where)}`);

/** Events numbered by log position, within each source, id and day. */
export const placedSql = (events: string, columns: string, condition: string): string =>
  `SELECT ${columns} FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM ${events}
) WHERE ${condition}`;

/** Common table expressions up to `fields`: the named columns, and one typed column for each field that the definition reads. */
const fieldsSql = (dialect: Dialect, definition: Fields, kept: string, columns: readonly string[]) => {
  const fields = fieldsOf(definition);
  const paths = fields.map(({ path }) => path);
  const columnOf = (field: FieldNode) => `f${fields.findIndex((other) => same(field, other))}`;
  const select = (from: string, ...more: readonly string[]) => `SELECT ${list(...columns, ...more)}\nFROM ${from}`;
  const ctes = `kept AS (
${kept}
), documents AS (
${select('kept', ...(fields.length === 0 ? [] : [`${dialect.document('data', paths)} AS document`]))}
), jsons AS ${dialect.materialized} (
${select('documents', ...fields.map((_, i) => `${dialect.at('document', paths, i)} AS j${i}`))}
), fields AS ${dialect.materialized} (
${select('jsons', ...fields.map(({ kind }, i) => `${fieldSql(dialect, `j${i}`, kind)} AS f${i}`))}
)`;
  return { ctes, expression: (node: Node) => expressionSql(dialect, node, columnOf) };
};
type Fields = Pick<MetricDefinition, 'dimensions' | 'measures' | 'where'>;

const same = (a: FieldNode, b: FieldNode) => a.kind === b.kind && a.path.join('\0') === b.path.join('\0');
/** The fields that a definition reads, each once. */
export const fieldsOf = ({ dimensions, measures, where }: Fields): FieldNode[] => {
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
