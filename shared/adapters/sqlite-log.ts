import type { Clock } from '../ports/clock.ts';
import { type EventLog, type LogShard, LogUnavailableError, type NewRecord } from '../ports/event-log.ts';
import type { LogReader } from '../ports/log-reader.ts';
import { openSqlite, transaction } from './sqlite.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shards (id INTEGER PRIMARY KEY, parents TEXT NOT NULL, low REAL NOT NULL, high REAL NOT NULL, open INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS records (sequence INTEGER PRIMARY KEY AUTOINCREMENT, shard INTEGER NOT NULL, partition_key TEXT NOT NULL, arrived_at_ms INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS records_by_shard ON records (shard);
`;

interface ShardRow {
  id: number;
  parents: string;
  low: number;
  high: number;
  open: number;
}
interface Waiting {
  readonly rows: readonly { shard: number; partitionKey: string; data: Uint8Array }[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface SqliteLog extends EventLog, LogReader {
  readonly lanes: number;
  /** How many records a shard has after a sequence number ('' for its start), and when the first of them arrived, in epoch milliseconds. */
  waiting(shard: string, after: string): Promise<{ readonly records: number; readonly sinceMs: number | null }>;
  /** Drops a shard's records up to a sequence number that arrived before a time. */
  trim(shard: string, upTo: string, beforeMs: number): void;
  close(): void;
}

/**
 * The log in one SQLite file. Appends that wait at the same time share one commit. `shards` is how many are open: another
 * number than before closes the old ones and opens children. `lanes` is fixed by the first opening.
 */
export const sqliteLog = ({ path, shards, lanes, clock }: { path: string; shards: number; lanes: number; clock: Clock }): SqliteLog => {
  const database = openSqlite(path, SCHEMA);
  const openShards = () => database.prepare('SELECT * FROM shards WHERE open = 1 ORDER BY id').all() as ShardRow[];
  const laneCount = transaction(database, () => {
    database.prepare("INSERT OR IGNORE INTO settings VALUES ('lanes', ?)").run(String(Math.max(lanes, shards)));
    reshard();
    return Number((database.prepare("SELECT value FROM settings WHERE name = 'lanes'").all() as { value: string }[])[0]?.value);
  });
  function reshard(): void {
    const old = openShards();
    if (old.length === shards) return;
    database.prepare('UPDATE shards SET open = 0').run();
    const insert = database.prepare('INSERT INTO shards (parents, low, high, open) VALUES (?, ?, ?, 1)');
    const holdsNothing = database.prepare('SELECT NOT EXISTS (SELECT 1 FROM records WHERE shard = ?) AS yes');
    // A closed shard without records is listed no more: its parents stand in for it, since epochs go on from there.
    const lineOf = ({ id, parents }: ShardRow) => [
      String(id),
      ...(parents !== '' && (holdsNothing.all(id) as { yes: number }[])[0]?.yes === 1 ? parents.split(',') : []),
    ];
    for (let i = 0; i < shards; i++) {
      const [low, high] = [i / shards, (i + 1) / shards];
      const parents = old.filter((shard) => shard.low < high && shard.high > low).flatMap(lineOf);
      insert.run([...new Set(parents)].join(','), low, high);
    }
  }

  const insert = database.prepare('INSERT INTO records (shard, partition_key, arrived_at_ms, data) VALUES (?, ?, ?, ?)');
  const waiting: Waiting[] = [];
  const commit = () => {
    const batch = waiting.splice(0);
    try {
      transaction(database, () => {
        const now = clock();
        for (const { rows } of batch) for (const { shard, partitionKey, data } of rows) insert.run(shard, partitionKey, now, data);
      });
      for (const { resolve } of batch) resolve();
    } catch (cause) {
      for (const { reject } of batch) reject(new LogUnavailableError(`The log file did not take records: ${(cause as Error).message}`, { cause }));
    }
  };
  const enqueue = (rows: Waiting['rows']) =>
    new Promise<void>((resolve, reject) => {
      if (waiting.push({ rows, resolve, reject }) === 1) setImmediate(commit);
    });
  const read = database.prepare('SELECT sequence, partition_key, arrived_at_ms, data FROM records WHERE shard = ? AND sequence > ? ORDER BY sequence LIMIT ?');
  const countAfter = database.prepare('SELECT count(*) AS records FROM records WHERE shard = ? AND sequence > ?');
  const isOpen = database.prepare('SELECT open FROM shards WHERE id = ?');
  const current = openShards();
  const shardByLane = Array.from({ length: laneCount }, (_, lane) => {
    const at = (lane + 0.5) / laneCount;
    return current.find(({ low, high }) => at >= low && at < high)?.id;
  });
  const shardOfLane = (lane: number): number => {
    const shard = shardByLane[lane];
    if (shard === undefined) throw new RangeError(`Expected a lane from 0 to ${laneCount - 1}, got ${lane}`);
    return shard;
  };
  return {
    lanes: laneCount,
    append: async (records: readonly NewRecord[]) => enqueue(records.map(({ lane, data }) => ({ shard: shardOfLane(lane), partitionKey: String(lane), data }))),
    appendToShards: async (ids, data) => enqueue(ids.map((id) => ({ shard: numberOf(id), partitionKey: 'heartbeat', data }))),
    shards: async () =>
      (
        database
          .prepare('SELECT * FROM shards WHERE open = 1 OR EXISTS (SELECT 1 FROM records WHERE records.shard = shards.id) ORDER BY id')
          .all() as ShardRow[]
      ).map(
        (row): LogShard => ({
          id: nameOf(row.id),
          parents: row.parents === '' ? [] : row.parents.split(',').map((id) => nameOf(Number(id))),
          open: row.open === 1,
        }),
      ),
    read: async (shard, after, limits) => {
      // Asked first: a shard that was open then may have taken records since.
      const wasOpen = (isOpen.all(numberOf(shard)) as { open: number }[])[0]?.open === 1;
      const rows = read.all(numberOf(shard), after === '' ? 0 : Number(after), limits.records) as {
        sequence: number;
        partition_key: string;
        arrived_at_ms: number;
        data: ArrayBuffer;
      }[];
      const records = [];
      let bytes = 0;
      for (const row of rows) {
        bytes += row.data.byteLength;
        if (records.length > 0 && bytes > limits.bytes) break;
        records.push({ sequenceNumber: String(row.sequence), partitionKey: row.partition_key, arrivedAtMs: row.arrived_at_ms, data: new Uint8Array(row.data) });
      }
      return { records, closed: !wasOpen && records.length === rows.length && rows.length < limits.records };
    },
    waiting: async (shard, after) => {
      const at = [numberOf(shard), after === '' ? 0 : Number(after)] as const;
      const [first] = read.all(...at, 1) as { arrived_at_ms: number }[];
      const [counted] = countAfter.all(...at) as { records: number }[];
      return { records: counted?.records ?? 0, sinceMs: first?.arrived_at_ms ?? null };
    },
    trim: (shard, upTo, beforeMs) => {
      database.prepare('DELETE FROM records WHERE shard = ? AND sequence <= ? AND arrived_at_ms < ?').run(numberOf(shard), Number(upTo), beforeMs);
    },
    close: () => database.close(),
  };
};

const nameOf = (id: number): string => `shard-${String(id).padStart(12, '0')}`;
const numberOf = (name: string): number => Number(name.slice('shard-'.length));
