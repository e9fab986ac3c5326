import type { Condition } from '../definition/condition.ts';
import type { MetricDefinition, Scalar } from '../definition/definition.ts';
import { compileMeasures } from '../fold/metric.ts';
import { conditionSql, literalSql } from './condition.ts';
import { type Dialect, list, quoteText } from './dialect.ts';
import type { Applied } from './exclusions.ts';
import { countedSql } from './items.ts';
import type { LookUp } from './lookups.ts';
import { countsSql, expressionOver } from './states.ts';

/** Which of the events that a metric counts. */
export interface Listing {
  /** Canonical times, from ≤ time < to. */
  readonly between: readonly (readonly [from: string, to: string])[];
  /** On dimensions, by their index. */
  readonly conditions: readonly { readonly index: number; readonly condition: Condition }[];
  /** The index of a measure: only events of which it takes a value; null for all. */
  readonly measure: number | null;
  /** Only those of which it takes this value, or for a measure that counts by bucket, one of this bucket. */
  readonly value: Scalar | null;
}
/** A position in the log. */
export interface LogPlace {
  readonly epochMs: number;
  readonly shard: string;
  readonly seq: string;
  readonly line: number;
}

/**
 * The events that a number is made of, the newest first, by their places in the log: those that `statesSql` counts in some
 * windows and groups, with the columns of `PLACED` and `items`, how often each counts, and `value`, what the measure takes of
 * it. Each row has `total` and `total_items` too, of all pages; without events there is one row, without a place. If the data of
 * a page are long, only its first rows come: `paged` is how many there are.
 */
export const listedSql = (
  dialect: Dialect,
  definition: MetricDefinition,
  events: string,
  lookUp: LookUp,
  exclusions: readonly Applied[],
  listing: Listing,
  page: { readonly after: LogPlace | null; readonly limit: number },
): string => `WITH ${listed(dialect, definition, events, lookUp, exclusions, listing)}
SELECT t.total, t.total_items, p.* FROM (SELECT count(*) AS total, coalesce(sum(items), 0) AS total_items FROM listed) AS t
LEFT JOIN (
SELECT * FROM (
SELECT ${list(...PAGED)}, count(*) OVER () AS paged, ${heldSql('data', newest(''))} AS held FROM (
SELECT ${list(...PAGED)} FROM listed${page.after === null ? '' : `\nWHERE ${beforeSql(page.after)}`}
ORDER BY ${newest('')}
LIMIT ${page.limit}
) AS page
) AS sized
WHERE held < ${MAX_LENGTH}
) AS p ON true
ORDER BY ${newest('p.')}`;

/** The values that a measure takes of them, each with how often it counts: the most frequent first, and of long ones `MAX_LENGTH` characters. */
export const listedValuesSql = (
  dialect: Dialect,
  definition: MetricDefinition,
  events: string,
  lookUp: LookUp,
  exclusions: readonly Applied[],
  listing: Listing,
  limit: number,
): string => `WITH ${chosen(dialect, definition, events, lookUp, exclusions, listing)}
SELECT value, events FROM (
SELECT value, events, ${heldSql('CAST(value AS VARCHAR)', 'events DESC, value')} AS held FROM (
SELECT _v AS value, count(*) AS events FROM chosen
GROUP BY _v
ORDER BY events DESC, value
LIMIT ${limit}
) AS found
) AS sized
WHERE held < ${MAX_LENGTH}
ORDER BY events DESC, value`;

/** Of a type: engines differ in what they do with a column of none. */
const NOTHING = 'CAST(NULL AS VARCHAR)';
const PLACED = ['epoch', 'shard', 'seq', 'line', 'source', 'id', 'time', 'data'] as const;
const PAGED = [...PLACED, 'items', 'value'] as const;
/** Characters of data, or of values, that one statement answers, and then one row more. */
export const MAX_LENGTH = 33_554_432;
/** How many characters of a column the rows before have. */
const heldSql = (column: string, order: string): string =>
  `coalesce(sum(length(${column})) OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)`;
const newest = (of: '' | 'p.') => `${of}epoch DESC, length(${of}seq) DESC, ${of}seq DESC, ${of}shard DESC, ${of}line DESC`;

/** An event counts once for each of its items, and is listed once. */
const listed = (...[dialect, definition, ...rest]: Parameters<typeof chosen>): string => {
  const { each } = definition;
  const counted = chosen(dialect, definition, ...rest);
  if (each === undefined) return `${counted}, listed AS (\nSELECT ${list(...PLACED, 'CAST(1 AS BIGINT) AS items', '_v AS value')} FROM chosen\n)`;
  const place = PLACED.slice(0, 4);
  const others = PLACED.slice(4).map((column) => `min(${column}) AS ${column}`);
  return `${counted}, listed AS (\nSELECT ${list(...place, ...others, 'count(*) AS items', 'min(_v) AS value')} FROM chosen\nGROUP BY ${place.join(', ')}\n)`;
};

/** What counts, events or items, in the wanted windows and groups. */
const chosen = (
  dialect: Dialect,
  definition: MetricDefinition,
  events: string,
  lookUp: LookUp,
  exclusions: readonly Applied[],
  { between, conditions, measure: index, value }: Listing,
): string => {
  const expression = expressionOver(dialect, definition);
  const { dimensions, measures, where, event } = definition;
  const taken = index === null ? undefined : measures[index];
  const columns = dimensions.map(({ of }, i) => `${expression(of)} AS _d${i}`);
  const isWanted = [
    countsSql(dialect, event, exclusions),
    `(${between.map(([from, to]) => `time >= ${quoteText(from)} AND time < ${quoteText(to)}`).join(' OR ')})`,
    ...(where === null ? [] : [expression(where)]),
  ];
  const isChosen = [
    ...conditions.map(({ index: of, condition }) => conditionSql(dialect, `_d${of}`, dimensions[of]?.of.kind ?? 'text', condition)),
    ...(taken?.of == null ? [] : ['_v IS NOT NULL']),
    ...(taken?.by === undefined ? [] : ['_b IS NOT NULL']),
    ...(value === null || taken?.of == null ? [] : [valueSql(dialect, taken, value)]),
  ];
  return `counted AS (
SELECT ${list(...PLACED, ...columns, `${taken?.of == null ? NOTHING : expression(taken.of)} AS _v`, `${taken?.by === undefined ? NOTHING : expression(taken.by.of)} AS _b`)}
FROM ${lookUp(countedSql(dialect, definition, events))} AS e
WHERE ${isWanted.join('\n  AND ')}
), chosen AS (
SELECT * FROM counted${isChosen.length === 0 ? '' : `\nWHERE ${isChosen.join('\n  AND ')}`}
)`;
};

const valueSql = (dialect: Dialect, measure: MetricDefinition['measures'][number], value: Scalar): string => {
  const bucket = compileMeasures([measure])[0]?.measure.bucket;
  const kind = measure.of?.kind ?? 'text';
  return bucket === undefined ? `_v = ${literalSql(dialect, value, kind)}` : `${bucket.sql(dialect, '_v')} = ${bucket.of(value)}`;
};

/** Places that come after one, the newest first. Shards and sequence numbers have letters, digits, hyphens and underscores alone. */
const beforeSql = ({ epochMs, shard, seq, line }: LogPlace): string => {
  if (!/^\d{1,128}$/.test(seq) || !/^[\w-]{1,128}$/.test(shard) || !Number.isSafeInteger(epochMs) || !Number.isSafeInteger(line))
    throw new RangeError(`Expected a place in the log, got ${shard.slice(0, 64)}:${seq.slice(0, 64)}`);
  const [length, text, of] = [seq.length, quoteText(seq), quoteText(shard)];
  return `(epoch < ${epochMs} OR (epoch = ${epochMs} AND (length(seq) < ${length} OR (length(seq) = ${length} AND (seq < ${text}
  OR (seq = ${text} AND (shard < ${of} OR (shard = ${of} AND line < ${line}))))))))`;
};
