import { type Dialect, quoteText } from './dialect.ts';

/** The order of the log: a shard's epochs never decrease. */
const LOG_ORDER = 'epoch, shard, length(seq), seq, line';
const PLACE = 'run, epoch, shard, seq, line, source, id, type, day';

/** Some of the ids, so that a statement that has to hold rows holds a part of them. */
export interface Bucket {
  readonly index: number;
  readonly of: number;
}
const inBucket = (dialect: Dialect, { index, of }: Bucket): string => (of === 1 ? '' : ` AND ${dialect.bucket('id', of)} = ${index}`);

/**
 * What duplicates are, for the events of new parts (`fresh`) against those of stored ones. Only ids that occur twice go
 * through the windows that decide: events with the same position were archived twice, and one of them counts; `repeated` is
 * the speed layer's own decision to deduplicate, the same source and id at an earlier log position within `windowMs` of
 * log time; `nth` is the place among the events of a type and day with the same source and id.
 */
const comparedSql = (dialect: Dialect, { fresh, stored, columns, windowMs, bucket }: Compared): string => {
  const others = columns.filter((column) => !PLACE.split(', ').includes(column));
  const has = `type IS NOT NULL${inBucket(dialect, bucket)}`;
  const again = `SELECT id FROM ${fresh} AS a WHERE ${has} GROUP BY id HAVING count(*) > 1${
    stored === null ? '' : `\n  UNION SELECT id FROM ${stored} AS s WHERE ${has} AND id IN (SELECT id FROM ${fresh} AS f WHERE ${has})`
  }`;
  const storedSql =
    stored === null
      ? ''
      : `\n  UNION ALL SELECT ${PLACE}, ${others.map((column) => `NULL AS ${column}`).join(', ')}, 0 AS is_fresh, NOT repeated AND nth = 1 AS counted
  FROM ${stored} AS s WHERE ${has} AND id IN (SELECT id FROM again)`;
  return `WITH again AS ${dialect.materialized} (
  ${again}
), candidates AS (
  SELECT ${PLACE}, ${others.join(', ')}, 1 AS is_fresh, false AS counted
  FROM ${fresh} AS c WHERE ${has} AND id IN (SELECT id FROM again)${storedSql}
), placed AS (
  SELECT *, row_number() OVER (PARTITION BY shard, seq, line ORDER BY is_fresh, id) AS copy, min(is_fresh) OVER (PARTITION BY shard, seq, line) AS unstored
  FROM candidates
), compared AS (
  SELECT *, lag(epoch) OVER (PARTITION BY source, id ORDER BY ${LOG_ORDER}, copy) AS previous,
    row_number() OVER (PARTITION BY type, day, source, id ORDER BY ${LOG_ORDER}, copy) AS nth
  FROM placed WHERE copy = 1 OR unstored = 0
), numbered AS (
  SELECT *, coalesce(previous >= epoch - ${windowMs}, false) AS repeated FROM compared
)`;
};
export interface Compared {
  /** The relation of the new parts. */
  readonly fresh: string;
  /** Stored events of the days that the new parts touch, and of the epochs of the window (see events.ts); null if there are none. */
  readonly stored: string | null;
  /** Of the new parts. */
  readonly columns: readonly string[];
  readonly windowMs: number;
  readonly bucket: Bucket;
}

/** The events of the new parts whose id occurs twice, with `repeated` and `nth`. They replace those rows of the parts. */
export const repeatsSql = (dialect: Dialect, compared: Compared): string => `${comparedSql(dialect, compared)}
SELECT ${compared.columns.join(', ')}, repeated, nth FROM numbered WHERE is_fresh = 1`;

/** Days of stored events that no longer count, because a late event was found to come before them. */
export const displacedSql = (dialect: Dialect, compared: Compared): string => `${comparedSql(dialect, compared)}
SELECT DISTINCT type, day FROM numbered WHERE is_fresh = 0 AND counted AND nth > 1`;

/** The same for whole days that are compacted into one part: `events` are all of theirs, whose `repeated` is known. */
export const renumberedSql = (dialect: Dialect, run: string, events: string, columns: readonly string[], bucket: Bucket): string => {
  const has = `type IS NOT NULL${inBucket(dialect, bucket)}`;
  return `WITH again AS ${dialect.materialized} (
  SELECT id FROM ${events} AS a WHERE ${has} GROUP BY id HAVING count(*) > 1 OR max(nth) > 1 OR max(CASE WHEN repeated THEN 1 ELSE 0 END) = 1
)
SELECT ${[`${quoteText(run)} AS run`, ...columns.slice(1)].join(', ')}, repeated,
  row_number() OVER (PARTITION BY type, day, source, id ORDER BY ${LOG_ORDER}, repeated) AS nth
FROM ${events} AS c WHERE ${has} AND id IN (SELECT id FROM again)`;
};
