import { STORED_TIME, STORED_TYPE } from '../log/stored-event.ts';
import { type Dialect, quoteText } from './dialect.ts';
import { fieldSql } from './expression.ts';

/** What a line of the lake holds besides its event: its log position. */
const PATHS: readonly (readonly string[])[] = [
  ['epoch'],
  ['shard'],
  ['seq'],
  ['line'],
  ['event', 'source'],
  ['event', 'id'],
  ['event', 'type'],
  ['event', 'time'],
  ['event', 'subject'],
  ['event', 'data'],
];

/** Every line of a relation (column `line`) with its parts; `ok` is true for lines that hold a complete event. */
const partsSql = (dialect: Dialect, lines: string): string => {
  const at = (index: number, kind: 'integer' | 'text') => fieldSql(dialect, dialect.at('document', PATHS, index), kind);
  return `parsed AS ${dialect.materialized} (
SELECT CASE WHEN ${dialect.wellFormed('line')} THEN ${dialect.document('line', PATHS)} END AS document FROM ${lines}
), parts AS ${dialect.materialized} (
SELECT ${at(0, 'integer')} AS epoch, ${at(1, 'text')} AS shard, ${at(2, 'text')} AS seq, ${at(3, 'integer')} AS line,
  ${at(4, 'text')} AS source, ${at(5, 'text')} AS id, ${at(6, 'text')} AS type, ${at(7, 'text')} AS time, ${at(8, 'text')} AS subject, ${dialect.at('document', PATHS, 9)} AS data
FROM parsed
), judged AS (
SELECT *, coalesce(epoch IS NOT NULL AND shard IS NOT NULL AND seq IS NOT NULL AND line IS NOT NULL AND source IS NOT NULL AND id IS NOT NULL
  AND ${dialect.matches('type', STORED_TYPE)} AND ${dialect.matches('time', STORED_TIME)} AND substr(data, 1, 1) = '{', false) AS ok FROM parts
)`;
};

/** Records that came to the lake after their epoch had been processed: those of a shard from `first` to `last`. */
export interface LateRecords {
  readonly epochMs: number;
  readonly shard: string;
  readonly first: string;
  readonly last: string;
}
/** The lines to process: those of the epochs from `fromMs` on, and late ones. */
const dueSql = (fromMs: number, late: readonly LateRecords[]): string => {
  const number = (text: string) => (/^\d{1,128}$/.test(text) ? text : fail(text));
  const atLeast = (seq: string) => `(length(seq) > ${seq.length} OR (length(seq) = ${seq.length} AND seq >= ${quoteText(number(seq))}))`;
  const atMost = (seq: string) => `(length(seq) < ${seq.length} OR (length(seq) = ${seq.length} AND seq <= ${quoteText(number(seq))}))`;
  const ranges = late.map(
    ({ epochMs, shard, first, last }) => `(epoch = ${epochMs} AND shard = ${quoteText(shard)} AND ${atLeast(first)} AND ${atMost(last)})`,
  );
  return ranges.length === 0 ? `epoch >= ${fromMs}` : `(${[`epoch >= ${fromMs}`, ...ranges].join('\n  OR ')})`;
};
const fail = (text: string): never => {
  throw new RangeError(`Expected a sequence number, got '${text.slice(0, 64)}'`);
};

/** What the lines to process hold: rows (type, day, lines), and one with type NULL that counts damaged lines. */
export const surveySql = (dialect: Dialect, lines: string, fromMs: number, late: readonly LateRecords[]): string => `WITH ${partsSql(dialect, lines)}
SELECT CASE WHEN ok THEN type END AS type, CASE WHEN ok THEN substr(time, 1, 10) END AS day, count(*) AS lines
FROM judged WHERE epoch IS NULL OR ${dueSql(fromMs, late)}
GROUP BY 1, 2`;

/**
 * Parsed events of the lines to process: epoch, shard, seq, line, source, id, subject, time, data, repeated, type, day.
 * `lines` also holds the epochs of the duplicate window before them, so that `repeated` is the speed layer's own decision
 * to deduplicate: the same source and id are at an earlier log position, within `windowMs` of log time.
 * A line that was archived twice has one position, and is taken once.
 */
export const parseSql = (
  dialect: Dialect,
  lines: string,
  {
    fromMs,
    late,
    windowMs,
    partitions,
  }: { fromMs: number; late: readonly LateRecords[]; windowMs: number; partitions: readonly { type: string; day: string }[] },
): string => {
  const wanted = partitions.map(({ type, day }) => `(type = ${quoteText(type)} AND substr(time, 1, 10) = ${quoteText(day)})`);
  return `WITH ${partsSql(dialect, lines)}, placed AS (
SELECT *, row_number() OVER (PARTITION BY shard, seq, line ORDER BY id) AS copy FROM judged WHERE ok
), compared AS (
SELECT *, lag(epoch) OVER (PARTITION BY source, id ORDER BY epoch, shard, length(seq), seq, line) AS previous FROM placed WHERE copy = 1
)
SELECT epoch, shard, seq, line, source, id, subject, time, data, coalesce(previous >= epoch - ${windowMs}, false) AS repeated, type, substr(time, 1, 10) AS day
FROM compared WHERE ${dueSql(fromMs, late)} AND (${wanted.join(' OR ')})`;
};
