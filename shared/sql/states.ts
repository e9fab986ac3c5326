import type { MetricDefinition, Node } from '../definition/definition.ts';
import { batchSizes, windowSql } from '../definition/windows.ts';
import { compileMeasures } from '../fold/metric.ts';
import { type Dialect, list, quoteIdentifier, quoteText } from './dialect.ts';
import { type Applied, excludedSql } from './exclusions.ts';
import { expressionSql } from './expression.ts';
import { fieldColumn, type Reading } from './fields.ts';
import { countedSql } from './items.ts';
import { type LookUp, lookupColumn } from './lookups.ts';
import { joinRanked, rankedStates } from './ranked.ts';
import { columnName, stateColumn } from './view-columns.ts';

/** Days in a row, whose states are written to the same file: from the first of them to the last. */
export interface Pack {
  readonly from: string;
  readonly to: string;
}

/**
 * The second compiler: a query over parsed events (see events.ts; one event type, with the fields of `fieldsOf` as f0, f1 …)
 * that gives a metric's states, one row for each window size, window and group, with the columns of `viewColumns` (view-columns.ts) and last,
 * to partition by, window_size and window_day, the first day of its pack.
 * A metric over the items of an array counts each of them where another counts events.
 * What is counted is looked up first (see lookups.ts).
 * Deduplicates: of events with the same source and id, the one at the earliest log position counts, unless it is excluded.
 */
export const statesSql = (
  dialect: Dialect,
  definition: MetricDefinition,
  events: string,
  lookUp: LookUp,
  exclusions: readonly Applied[],
  packs: readonly Pack[],
): string => {
  const expression = expressionOver(dialect, definition);
  const sizes = batchSizes(definition.window);
  // Names of the pipeline begin with a letter.
  const dimensions = definition.dimensions.map(({ name, of }, i) => ({ sql: expression(of), column: `_d${i}`, kind: of.kind, name }));
  const values = definition.measures.flatMap(({ of, by }, i) => [
    ...(of === null ? [] : [{ sql: expression(of), column: `_v${i}` }]),
    ...(by === undefined ? [] : [{ sql: expression(by.of), column: `_b${i}` }]),
  ]);
  const windows = sizes.map((_, i) => `_w${i}`);
  const window = `coalesce(${windows.join(', ')})`;
  const key = dimensions
    .map(({ column, kind }) => `coalesce(${kind === 'text' ? dialect.json(column) : `CAST(${column} AS VARCHAR)`}, 'null')`)
    .join(" || ',' || ");
  const measures = compileMeasures(definition.measures);
  const groups = [...windows, ...dimensions.map(({ column }) => column)];
  const sets = (...more: readonly string[]) =>
    `GROUP BY GROUPING SETS (${windows.map((column) => `(${[column, ...dimensions.map((dimension) => dimension.column), ...more].join(', ')})`).join(', ')})`;
  const [start, group] = [window, `'[' || ${key === '' ? '' : `${key} || `}']'`];
  const size = `CASE ${sizes.map((one, i) => `WHEN _w${i} IS NOT NULL THEN '${one}'`).join(' ')} END`;
  const ranked = rankedStates(dialect, measures, { groups, sets, keys: { window_start: start, group_key: group, window_size: size } });
  const selected: readonly (readonly [column: string, sql: string | null])[] = [
    ['window_start', start],
    ['group_key', group],
    ['group_events', 'count(*)'],
    ...dimensions.map(({ column, name }) => [quoteIdentifier(columnName(name)), column] as const),
    ...measures.flatMap(({ name, measure: { finished } }, i) =>
      finished === undefined ? [] : [[quoteIdentifier(columnName(name)), finished.sql(dialect, `_v${i}`)] as const],
    ),
    ...measures.map(
      ({ name, measure }, i) =>
        [quoteIdentifier(stateColumn(name)), measure.totals?.(dialect, `_b${i}`) === undefined ? measure.sql(dialect, `_v${i}`) : null] as const,
    ),
    ['window_size', size],
    ['window_day', packSql(`substr(${window}, 1, 10)`, packs)],
  ];
  const states = `SELECT ${list(...selected.flatMap(([column, sql]) => (sql === null ? [] : [`${sql} AS ${column}`])))}
FROM counted
${sets()}`;
  const columns = selected.map(([column]) => column);
  return `WITH counted AS${ranked.length === 0 || dialect.streamed === '' ? '' : ` ${dialect.streamed}`} (
SELECT ${list('time', 'id', ...sizes.map((size, i) => `${windowSql('time', size)} AS _w${i}`), ...[...dimensions, ...values].map(({ sql, column }) => `${sql} AS ${column}`))}
FROM ${lookUp(countedSql(dialect, definition, events))} AS e
WHERE ${[countsSql(dialect, definition.event, exclusions), ...(definition.where === null ? [] : [expression(definition.where)])].join(' AND ')}
)${ranked.length === 0 ? `\n${states}` : joinRanked(states, columns, ranked)}`;
};

const packSql = (day: string, packs: readonly Pack[]): string => {
  if (packs.every(({ from, to }) => from === to)) return day;
  const [first, ...others] = packs.map(({ from, to }) => `WHEN ${day} <= ${quoteText(to)} THEN ${quoteText(from)}`);
  return `CASE ${[first, ...others].join(' ')} END`;
};

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
export const speedCountSql = (
  dialect: Dialect,
  definition: MetricDefinition,
  events: string,
  lookUp: LookUp,
  fromMs: number,
  { batch, speed }: Rules,
): string => {
  const expression = expressionOver(dialect, definition);
  const counts = (condition: string) => `count(CASE WHEN ${condition} THEN 1 END)`;
  const isWanted = ['NOT repeated', `epoch >= ${fromMs}`, ...(definition.where === null ? [] : [expression(definition.where)])].join(' AND ');
  return `WITH flagged AS (
SELECT nth, ${excludedSql(dialect, batch, definition.event) ?? 'false'} AS excluded, ${excludedSql(dialect, speed, definition.event) ?? 'false'} AS skipped
FROM ${lookUp(countedSql(dialect, definition, events))} AS e
WHERE ${isWanted}
)
SELECT ${list(
    `${counts('NOT skipped')} AS events`,
    `${counts('NOT skipped AND nth > 1')} AS late`,
    `${counts('NOT skipped AND nth = 1 AND excluded')} AS excluded`,
    `${counts('skipped AND nth = 1 AND NOT excluded')} AS restored`,
  )}
FROM flagged`;
};

/** Events of one type that count, without excluded ones: what entities are computed from. */
export const keptSql = (dialect: Dialect, events: string, type: string, exclusions: readonly Applied[]): string =>
  `SELECT source, id, subject, time, data FROM ${events} AS e WHERE ${countsSql(dialect, type, exclusions)}`;

/** Whether an event counts. */
export const countsSql = (dialect: Dialect, type: string, exclusions: readonly Applied[]): string => {
  const excluded = excludedSql(dialect, exclusions, type);
  return `NOT repeated AND nth = 1${excluded === null ? '' : ` AND NOT ${excluded}`}`;
};

/** Compiles a definition's expressions over what it counts, with what it looks up. */
export const expressionOver = (dialect: Dialect, definition: Reading) => {
  const field = fieldColumn(definition);
  const lookup = lookupColumn(definition);
  return (node: Node): string => expressionSql(dialect, node, (of) => (of.op === 'lookup' ? lookup(of) : field(of)));
};
