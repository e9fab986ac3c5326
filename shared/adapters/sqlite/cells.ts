import { crc32 } from 'node:zlib';
import type { Cell, CellStore } from '../../ports/cell-store.ts';
import type { Clock } from '../../ports/clock.ts';
import { DamagedError } from '../../ports/damaged.ts';
import type { FolderOwnedError } from '../../ports/folder-owned.ts';
import { addColumn, openSqlite, transaction } from './sqlite.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS cells (partition TEXT NOT NULL, sort TEXT NOT NULL, version TEXT NOT NULL, expires_at_ms INTEGER, body BLOB NOT NULL, crc INTEGER, PRIMARY KEY (partition, sort));
CREATE INDEX IF NOT EXISTS cells_by_expiry ON cells (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
`;
/** Expired items are kept this long, for reads that began before. */
const GRACE_MS = 60_000;

interface Row {
  partition: string;
  sort: string;
  version: string;
  body: ArrayBuffer;
  /** Null in cells from before there were checksums. */
  crc: number | null;
}
/** The body comes first: the CRC of nothing is 0, whatever it continues from. */
const crcOf = ({ partition, sort, version, body }: Cell): number => crc32(JSON.stringify([partition, sort, version]), crc32(body));
const cellOf = ({ partition, sort, version, body, crc }: Row): Cell => {
  const cell = { partition, sort, version, body: new Uint8Array(body) };
  if (crc !== null && crc !== crcOf(cell))
    throw new DamagedError('views.db', `The cell ${sort} of ${partition} does not hold what was written to it.`, 'Stop the host, then: npm run repair');
  return cell;
};

/** Cells in one SQLite file, which several threads share. `owned`: another process owns the file. */
export const sqliteCells = ({ path, clock, owned }: { path: string; clock: Clock; owned?: FolderOwnedError | undefined }): CellStore & { close(): void } => {
  const database = openSqlite(path, SCHEMA, owned);
  // Older files lack it.
  if (owned === undefined) transaction(database, () => addColumn(database, 'cells', 'crc', 'INTEGER'));
  const alive = '(expires_at_ms IS NULL OR expires_at_ms > ?)';
  const one = database.prepare(`SELECT partition, sort, version, body, crc FROM cells WHERE partition = ? AND sort = ? AND ${alive}`);
  const range = database.prepare(
    `SELECT partition, sort, version, body, crc FROM cells WHERE partition = ? AND sort >= ? AND sort < ? AND ${alive} ORDER BY sort`,
  );
  const dropExpired = database.prepare('DELETE FROM cells WHERE partition = ? AND sort = ? AND expires_at_ms <= ?');
  const insert = database.prepare('INSERT OR IGNORE INTO cells (partition, sort, version, body, expires_at_ms, crc) VALUES (?, ?, ?, ?, ?, ?)');
  const replace = database.prepare(
    `UPDATE cells SET version = ?, body = ?, expires_at_ms = ?, crc = ? WHERE partition = ? AND sort = ? AND version = ? AND ${alive}`,
  );
  return {
    get: async (keys) =>
      keys.map(({ partition, sort }) => {
        // Not all(): libsql frees its rows only between event-loop ticks, which may not come while thousands of cells are read.
        const row = one.get(partition, sort, clock()) as Row | undefined;
        return row === undefined ? null : cellOf(row);
      }),
    query: async ({ partition, from, to }) => (range.all(partition, from, to, clock()) as Row[]).map(cellOf),
    put: async (writes) =>
      transaction(database, () =>
        writes.map(({ cell, expected, expiresAtMs }) => {
          const { partition, sort, version } = cell;
          const body = Buffer.from(cell.body);
          const crc = crcOf(cell);
          if (expected !== null) return replace.run(version, body, expiresAtMs, crc, partition, sort, expected, clock()).changes === 1;
          dropExpired.run(partition, sort, clock());
          return insert.run(partition, sort, version, body, expiresAtMs, crc).changes === 1;
        }),
      ),
    expire: async ({ partition, from, to }, atMs) => {
      transaction(database, () => {
        database
          .prepare('UPDATE cells SET expires_at_ms = ? WHERE partition = ? AND sort >= ? AND sort < ? AND expires_at_ms IS NULL')
          .run(atMs, partition, from, to);
        database.prepare('DELETE FROM cells WHERE expires_at_ms < ?').run(clock() - GRACE_MS);
      });
      return true;
    },
    close: () => database.close(),
  };
};
