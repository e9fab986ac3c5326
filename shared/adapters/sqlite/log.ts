import { crc32 } from 'node:zlib';
import type { Lanes } from '../../log/lane.ts';
import type { Clock } from '../../ports/clock.ts';
import { DamagedError } from '../../ports/damaged.ts';
import { ClosedShardError, type EventLog } from '../../ports/event-log.ts';
import type { FolderOwnedError } from '../../ports/folder-owned.ts';
import type { LogReader, LogRecord } from '../../ports/log-reader.ts';
import { appends } from './log-appends.ts';
import { logCoding } from './log-coding.ts';
import { shardTable } from './log-shards.ts';
import { beyondBytes } from './log-size.ts';
import { logTime } from './log-time.ts';
import { addColumn, openSqlite, transaction } from './sqlite.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shards (id INTEGER PRIMARY KEY, parents TEXT NOT NULL, low REAL NOT NULL, high REAL NOT NULL, open INTEGER NOT NULL, name TEXT, floor_ms INTEGER NOT NULL DEFAULT 0, last INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS records (sequence INTEGER PRIMARY KEY AUTOINCREMENT, shard INTEGER NOT NULL, partition_key TEXT NOT NULL, arrived_at_ms INTEGER NOT NULL, data BLOB NOT NULL, crc INTEGER);
CREATE INDEX IF NOT EXISTS records_by_shard ON records (shard);
`;
/** A commit that has to wait longer is retried later, so that its thread is not blocked. */
const BUSY_MS = 20;
const SECOND_MS = 1_000;

interface Row {
  readonly sequence: number;
  readonly partition_key: string;
  readonly arrived_at_ms: number;
  readonly data: ArrayBuffer;
  /** Null in records from before there were checksums. */
  readonly crc: number | null;
}
const crcOf = (shard: number, partitionKey: string, arrivedAtMs: number, data: Uint8Array): number =>
  crc32(`${shard}:${partitionKey}:${arrivedAtMs}`, crc32(data));

export interface SqliteLog extends EventLog, LogReader {
  readonly lanes: Lanes;
  /**
   * Changes the number of open shards: if it differs, closes the old ones and opens their children.
   * @param options.beginsEpoch whether it opens children in any case, and they begin in an epoch that no record has reached.
   */
  reshard(shards: number, options: { readonly beginsEpoch: boolean }): void;
  /** Gives the log another identity: closes its open shards and opens as many children, which begin in no epoch before `floorMs`. */
  renew(to: { readonly floorMs: number }): void;
  /** The highest sequence number that each shard ever had; '0' if it had none. For shards from before this was recorded, an upper bound. */
  ends(): readonly { readonly shard: string; readonly last: string }[];
  /** How many records a shard has after a sequence number ('' for its start), and when the first of them arrived, in epoch milliseconds. */
  waiting(shard: string, after: string): Promise<{ readonly records: number; readonly sinceMs: number | null }>;
  /** Deletes a shard's records up to a sequence number that arrived before a given time. */
  trim(shard: string, upTo: string, beforeMs: number): void;
  /** The arrival time, in epoch milliseconds, before which records have to go so that the log takes at most this many bytes; 0 if it takes no more. */
  beyondBytes(bytes: number): number;
  close(): void;
}

/**
 * The log in one SQLite file. A new file gets an identity, `shards` shards and `lanes` lanes; an existing one is opened as
 * it is, and changed only by appends, `reshard`, `renew` and `trim`. `owned`: another process owns the file.
 * @throws {ZstdMissingError} if it holds records that this Node.js cannot read.
 */
export const sqliteLog = ({
  path,
  shards,
  lanes,
  clock,
  owned,
}: {
  path: string;
  shards: number;
  lanes: Lanes;
  clock: Clock;
  owned?: FolderOwnedError | undefined;
}): SqliteLog => {
  const database = openSqlite(path, SCHEMA, owned);
  // Before statements are prepared: older files lack columns.
  const isOld = owned === undefined && transaction(database, () => addColumn(database, 'shards', 'name', 'TEXT'));
  const table = shardTable(database);
  const time = logTime(database, table, clock);
  if (owned === undefined)
    transaction(database, () => {
      if (isOld) {
        addColumn(database, 'shards', 'floor_ms', 'INTEGER NOT NULL DEFAULT 0');
        addColumn(database, 'shards', 'last', 'INTEGER NOT NULL DEFAULT 0');
        addColumn(database, 'records', 'crc', 'INTEGER');
        database.exec("UPDATE shards SET last = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'records'), 0)");
        time.keepLargest();
      }
      table.create(shards, lanes);
    });
  const coding = owned === undefined ? transaction(database, () => logCoding(database, table)) : 'gzip';
  database.pragma(`busy_timeout = ${BUSY_MS}`);

  const insert = database.prepare('INSERT INTO records (shard, partition_key, arrived_at_ms, data, crc) VALUES (?, ?, ?, ?, ?)');
  const put = (shard: number, partitionKey: string, atMs: number, data: Uint8Array) =>
    insert.run(shard, partitionKey, atMs, data, crcOf(shard, partitionKey, atMs, data));
  const append = appends(database, time.arrive);
  const read = database.prepare(
    'SELECT sequence, partition_key, arrived_at_ms, data, crc FROM records WHERE shard = ? AND sequence > ? ORDER BY sequence LIMIT ?',
  );
  const countAfter = database.prepare('SELECT count(*) AS records FROM records WHERE shard = ? AND sequence > ?');
  const endOf = database.prepare(
    'SELECT max(last, coalesce((SELECT sequence FROM records WHERE shard = shards.id ORDER BY sequence DESC LIMIT 1), 0)) AS last FROM shards WHERE id = ?',
  );
  const lastOf = (id: number): number => (endOf.all(id) as { last: number }[])[0]?.last ?? 0;

  return {
    coding,
    lanes: table.lanes(),
    append: async (records) => {
      if (records.length === 0) return;
      await append((atMs) => {
        const shardsOf = records.map(({ lane }) => table.ofLane(lane));
        for (const [i, { lane, data }] of records.entries()) put(shardsOf[i] as number, String(lane), atMs, data);
      });
    },
    appendToShards: async (names, data) => {
      if (names.length === 0) return;
      await append((atMs) => {
        const ids = names.map((name) => {
          const shard = table.named(name);
          if (shard === null) throw new RangeError(`Expected a shard of the log, got '${name}'`);
          if (!shard.open) throw new ClosedShardError(`Expected an open shard, got ${name}, which has closed`);
          return shard.id;
        });
        for (const id of ids) put(id, 'heartbeat', atMs, data);
      });
    },
    status: async () => ({ aheadMs: time.aheadMs(), floorMs: Math.max(0, ...table.list().map(({ open, floorMs }) => (open ? floorMs : 0))) }),
    reshard: (to, { beginsEpoch }) => {
      if (beginsEpoch) transaction(database, time.begin);
      // Epochs are stored to the second.
      const nextMs = (ms: number) => (Math.floor(ms / SECOND_MS) + 1) * SECOND_MS;
      table.reshard(to, beginsEpoch ? Math.max(nextMs(time.newestMs()), nextMs(table.floorMs())) : null);
    },
    renew: ({ floorMs }) => {
      // Otherwise it would stay in the epoch of the floor for as long as the clock was ahead when that was chosen.
      transaction(database, time.begin);
      table.renew(floorMs);
    },
    ends: () => table.all().map(({ id, name }) => ({ shard: name, last: String(lastOf(id)) })),
    shards: async () => table.list(),
    read: async (name, after, limits) => {
      // Looked up first: if the shard was open then, it may have taken records since.
      const shard = table.named(name);
      if (shard === null) return { records: [], closed: true };
      const rows = read.all(shard.id, after === '' ? 0 : Number(after), limits.records) as Row[];
      const records: LogRecord[] = [];
      let bytes = 0;
      for (const { sequence, partition_key, arrived_at_ms, data: buffer, crc } of rows) {
        const data = new Uint8Array(buffer);
        bytes += data.length;
        if (records.length > 0 && bytes > limits.bytes) break;
        if (crc !== null && crc !== crcOf(shard.id, partition_key, arrived_at_ms, data)) {
          if (records.length > 0) break; // the records before it are intact
          throw new DamagedError('log.db', `Record ${sequence} of ${name} does not hold what was written to it.`, 'npm run repair says what is lost.');
        }
        records.push({ sequenceNumber: String(sequence), lane: partition_key, arrivedAtMs: arrived_at_ms, data });
      }
      return { records, closed: !shard.open && records.length === rows.length && rows.length < limits.records };
    },
    waiting: async (name, after) => {
      const at = [table.named(name)?.id ?? 0, after === '' ? 0 : Number(after)] as const;
      const [first] = read.all(...at, 1) as Row[];
      const [counted] = countAfter.all(...at) as { records: number }[];
      return { records: counted?.records ?? 0, sinceMs: first?.arrived_at_ms ?? null };
    },
    trim: (name, upTo, beforeMs) => {
      const shard = table.named(name);
      if (shard === null) return;
      transaction(database, () => {
        time.keep();
        database.prepare('UPDATE shards SET last = ? WHERE id = ?').run(lastOf(shard.id), shard.id);
        database.prepare('DELETE FROM records WHERE shard = ? AND sequence <= ? AND arrived_at_ms < ?').run(shard.id, Number(upTo), beforeMs);
      });
    },
    beyondBytes: (bytes) => beyondBytes(database, bytes),
    close: () => database.close(),
  };
};
