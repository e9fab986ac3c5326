import { literalSql } from './condition.ts';
import type { Dialect } from './dialect.ts';

/** Every copy of an event among parsed events (see events.ts), in the order of the log, with what decides whether it counts. */
export const occurrencesSql = (
  dialect: Dialect,
  events: string,
  { id, source }: { readonly id: string; readonly source: string | null },
  limit: number,
): string =>
  `SELECT epoch, shard, seq, line, source, id, time, data, repeated, nth FROM ${events} AS e
WHERE id = ${literalSql(dialect, id, 'text')}${source === null ? '' : ` AND source = ${literalSql(dialect, source, 'text')}`}
ORDER BY epoch, length(seq), seq, shard, line
LIMIT ${limit}`;
