import type Database from 'libsql';

/** Roughly what a record takes in its table and index in addition to its data. */
const ROW_BYTES = 48;
/** Rows scanned in one call, so that nobody has to wait; the next call does the rest. */
const MAX_ROWS = 50_000;

/** The arrival time before which records have to go so that the log's file takes at most this many bytes; 0 if it takes no more. */
export const beyondBytes = (database: Database.Database, bytes: number): number => {
  const [{ used }] = database
    .prepare(
      'SELECT ((SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count)) * (SELECT page_size FROM pragma_page_size) AS used',
    )
    .all() as [{ used: number }];
  if (used <= bytes) return 0;
  const [row] = database
    .prepare(
      `SELECT max(arrived_at_ms) AS at_ms FROM (
         SELECT arrived_at_ms, sum(length(data) + ${ROW_BYTES}) OVER (ORDER BY sequence) AS through
         FROM (SELECT sequence, arrived_at_ms, data FROM records ORDER BY sequence LIMIT ${MAX_ROWS})
       ) WHERE through <= ?`,
    )
    .all(used - bytes) as { at_ms: number | null }[];
  return row?.at_ms == null ? 0 : row.at_ms + 1;
};
