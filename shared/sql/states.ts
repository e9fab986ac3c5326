import type { MetricDefinition, Node } from '../definition/definition.ts';
import { batchSizes, windowSql } from '../definition/windows.ts';
import { compileMeasures } from '../fold/metric.ts';
import { type Dialect, quoteIdentifier, quoteText } from './dialect.ts';
import { type Applied, excludedSql } from './exclusions.ts';
import { expressionSql } from './expression.ts';
import { fieldColumn, type Reading } from './fields.ts';
import { countedSql } from './items.ts';
import { type LookUp, lookupColumn } from './lookups.ts';
import { type SqlType, sqlType } from './types.ts';

/** Days in a row, whose states are written to the same file: from the first of them to the last. */
export interface Pack {
  readonly from: string;
  readonly to: string;
}

/**
 * The second compiler: a query over parsed events (see events.ts; one event type, with the fields of `fieldsOf` as f0, f1 …)
 * that gives a metric's states, one row for each window size, window and group, with the columns of `viewColumns` and last,
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
  /** Those whose states are made of each value's total: two steps, apart from the others. */
  const ranked = measures.flatMap(({ measure, name }, i) => {
    const totals = measure.totals?.(dialect, `_b${i}`);
    if (totals === undefined) return [];
    const sql = `totals${i} AS (
SELECT ${list(...groups, `_v${i}`, ...Object.entries(totals).map(([column, total]) => `${total} AS ${column}`))}
FROM counted
WHERE _v${i} IS NOT NULL AND _b${i} IS NOT NULL
${sets(`_v${i}`)}
), ranked${i} AS (
SELECT ${list(`${start} AS window_start`, `${group} AS group_key`, `${size} AS window_size`, `${measure.sql(dialect, `_v${i}`)} AS state`)}
FROM totals${i}
GROUP BY ${groups.join(', ')}
)`;
    return [{ sql, column: quoteIdentifier(stateColumn(name)), from: `ranked${i}`, state: `ranked${i}.state` }];
  });
  const selected: readonly (readonly [column: string, sql: string | null])[] = [
    ['window_start', start],
    ['group_key', group],
    ['group_events', 'count(*)'],
    ...dimensions.map(({ column, name }) => [quoteIdentifier(columnName(name)), column] as const),
    ...measures.flatMap(({ name, measure: { finished } }, i) =>
      finished === undefined ? [] : [[quoteIdentifier(columnName(name)), finished.sql(dialect, `_v${i}`)] as const],
    ),
    ...measures.map(
      ({ name, measure }, i) => [quoteIdentifier(stateColumn(name)), measure.totals === undefined ? measure.sql(dialect, `_v${i}`) : null] as const,
    ),
    ['window_size', size],
    ['window_day', packSql(`substr(${window}, 1, 10)`, packs)],
  ];
  const states = `SELECT ${list(...selected.flatMap(([column, sql]) => (sql === null ? [] : [`${sql} AS ${column}`])))}
FROM counted
${sets()}`;
  return `WITH counted AS (
SELECT ${list('time', 'id', ...sizes.map((size, i) => `${windowSql('time', size)} AS _w${i}`), ...[...dimensions, ...values].map(({ sql, column }) => `${sql} AS ${column}`))}
FROM ${lookUp(countedSql(dialect, definition, events))} AS e
WHERE ${[countsSql(dialect, definition.event, exclusions), ...(definition.where === null ? [] : [expression(definition.where)])].join(' AND ')}
)${
    ranked.length === 0
      ? `
${states}`
      : `, ${ranked.map(({ sql }) => sql).join(', ')}, states AS (
${states}
)
SELECT ${list(...selected.map(([column, sql]) => `${sql === null ? ranked.find((one) => one.column === column)?.state : `s.${column}`} AS ${column}`))}
FROM states AS s${ranked
          .map(
            ({ from }) => `
LEFT JOIN ${from} ON ${['window_start', 'group_key', 'window_size'].map((column) => `${from}.${column} = s.${column}`).join(' AND ')}`,
          )
          .join('')}`
  }`;
};

/** Athena writes names in lower case whatever the query says, so every engine does; names differ by more than case. */
const columnName = (name: string): string => name.toLowerCase();
/** The column of a measure's mergeable states. */
export const stateColumn = (measure: string): string => `_${columnName(measure)}`;

/** A column of batch views. */
export interface ViewColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly comment: string;
}
/** The columns of a metric's batch views. Answers read the keys and states; other tools may read the dimensions by name and the finished values. */
export const viewColumns = (definition: MetricDefinition): ViewColumn[] => {
  const measures = compileMeasures(definition.measures);
  return [
    { name: 'window_start', type: 'VARCHAR', comment: 'YYYY-MM-DDTHH:MM, UTC' },
    { name: 'group_key', type: 'VARCHAR', comment: 'JSON array of the dimensions' },
    { name: 'group_events', type: 'BIGINT', comment: 'events' },
    ...definition.dimensions.map(({ name, of }): ViewColumn => ({ name: columnName(name), type: sqlType(of.kind), comment: 'dimension' })),
    ...measures.flatMap(({ name, measure: { finished } }): ViewColumn[] =>
      finished === undefined ? [] : [{ name: columnName(name), type: finished.type, comment: 'value' }],
    ),
    ...measures.map(({ name }): ViewColumn => ({ name: stateColumn(name), type: 'VARCHAR', comment: 'mergeable state, JSON' })),
  ];
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

const countsSql = (dialect: Dialect, type: string, exclusions: readonly Applied[]): string => {
  const excluded = excludedSql(dialect, exclusions, type);
  return `NOT repeated AND nth = 1${excluded === null ? '' : ` AND NOT ${excluded}`}`;
};

const list = (...items: readonly string[]) => items.join(',\n  ');

const expressionOver = (dialect: Dialect, definition: Reading) => {
  const field = fieldColumn(definition);
  const lookup = lookupColumn(definition);
  return (node: Node): string => expressionSql(dialect, node, (of) => (of.op === 'lookup' ? lookup(of) : field(of)));
};
