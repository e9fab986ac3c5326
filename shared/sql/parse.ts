import { STORED_TIME, STORED_TYPE } from '../log/stored-event.ts';
import { type Dialect, quoteText } from './dialect.ts';
import { fieldSql } from './expression.ts';
import type { FieldColumn } from './fields.ts';

/** Records that came to the lake after their epoch had been processed: those of a shard from `first` to `last`. */
export interface LateRecords {
  readonly epochMs: number;
  readonly shard: string;
  readonly first: string;
  readonly last: string;
}

/** The first columns of every part. */
export const PART_COLUMNS = ['run', 'epoch', 'shard', 'seq', 'line', 'source', 'id', 'subject', 'time', 'data'] as const;
/** All columns of a part, in their order. */
export const columnNames = (columns: readonly FieldColumn[]): string[] => [...PART_COLUMNS, ...columns.map(({ column }) => column), 'type', 'day'];

const KINDS = {
  epoch: 'integer',
  shard: 'text',
  seq: 'text',
  line: 'integer',
  source: 'text',
  id: 'text',
  type: 'text',
  time: 'text',
  subject: 'text',
} as const;

/**
 * The part of parsed events that a run writes, in one pass over the engine's raw lines that holds nothing: the lines to
 * process, those of the epochs from `fromMs` on and late ones, with a typed column for each field that the pipeline reads.
 * `type` and `day` are NULL for a damaged line. Lines that were archived twice are in it twice, and duplicates are: see repeats.ts.
 */
export const parseSql = (
  dialect: Dialect,
  lines: string,
  { run, fromMs, late, columns }: { run: string; fromMs: number; late: readonly LateRecords[]; columns: readonly FieldColumn[] },
): string => {
  const paths = columns.map(({ path }) => path);
  const parts = Object.keys(KINDS);
  const typed = [
    ...Object.entries(KINDS).map(([name, kind]) => `${fieldSql(dialect, `j.${name}`, kind)} AS ${name}`),
    ...columns.map(({ kind, column }) => `${fieldSql(dialect, `j.${column}`, kind)} AS ${column}`),
  ];
  const isComplete = ['epoch', 'shard', 'seq', 'line', 'source', 'id'].map((name) => `${name} IS NOT NULL`).join(' AND ');
  return `WITH raw_lines AS (
${dialect.raw(lines)}
), opened AS (
SELECT ${parts.join(', ')}, ${dialect.text('data')} AS data${columns.length === 0 ? '' : `, ${dialect.document('data', paths)} AS document`} FROM raw_lines
), jsons AS (
SELECT ${[...parts, 'data', ...columns.map(({ column }, i) => `${dialect.at('document', paths, i)} AS ${column}`)].join(',\n  ')}
FROM opened
), typed AS (
SELECT ${[...typed, 'data'].join(',\n  ')}
FROM jsons AS j
), judged AS (
SELECT *, coalesce(${isComplete}
  AND ${dialect.matches('type', STORED_TYPE)} AND ${dialect.matches('time', STORED_TIME)} AND starts_with(data, '{'), false) AS ok FROM typed
)
SELECT ${[`${quoteText(run)} AS run`, ...PART_COLUMNS.slice(1), ...columns.map(({ column }) => column)].join(', ')},
  CASE WHEN ok THEN type END AS type, CASE WHEN ok THEN substr(time, 1, 10) END AS day
FROM judged WHERE epoch IS NULL OR ${dueSql(fromMs, late)}`;
};

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

/** What parts hold: rows (run, type, day, lines, from_epoch, to_epoch); type is NULL in the one that counts damaged lines. */
export const surveySql = (parts: string): string => `SELECT run, type, day, count(*) AS lines, min(epoch) AS from_epoch, max(epoch) AS to_epoch
FROM ${parts}
GROUP BY run, type, day`;
