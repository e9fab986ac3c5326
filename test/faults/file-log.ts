import { join } from 'node:path';
import Database from 'libsql';
import { type SqliteLog, sqliteLog } from '../../shared/adapters/sqlite-log.ts';
import { LANES } from './plan.ts';
import type { PlayedLog, PlayedShard } from './played-log.ts';
import { expectSame } from './same.ts';

export interface FileLog extends PlayedLog {
  /** Its owner ends, and opens it again with so many shards. */
  reopen(shards: number): void;
}

interface ShardRow {
  readonly id: number;
  readonly name: string | null;
  readonly parents: string;
  readonly open: number;
  readonly floor_ms: number;
}
interface RecordRow {
  readonly sequence: number;
  readonly shard: number;
  readonly partition_key: string;
  readonly arrived_at_ms: number;
  readonly data: ArrayBuffer;
}

/**
 * The embedded log itself, in a folder. Its owner makes and reshapes it on one connection; functions append on another, as
 * threads of a host do; the checker reads the tables on a third.
 */
export const fileLog = ({ folder, shards, clock }: { folder: string; shards: number; clock: () => number }): FileLog => {
  const path = join(folder, 'log.db');
  const open = (expected: number): SqliteLog => sqliteLog({ path, shards: expected, lanes: LANES, clock });
  let owner = open(shards);
  let threads = open(shards);
  const database = new Database(path);
  const mirror = mirrorOf(database);
  return {
    append: (records) => threads.append(records),
    appendToShards: (ids, data) => threads.appendToShards(ids, data),
    shards: (having) => threads.shards(having),
    status: () => threads.status(),
    get all() {
      return mirror();
    },
    write: (shard, _, data) => owner.appendToShards([shard.id], data),
    reshape: (how, at) => {
      const open = mirror().filter((shard) => shard.open).length;
      const other = [1, 2, 3, LANES].filter((n) => (how === 'split' ? n > open : n < open));
      if (other.length > 0) owner.reshard(other[at % other.length] as number);
    },
    trim: (takenOf) => {
      for (const shard of mirror()) {
        const last = shard.records[takenOf(shard) - 1];
        if (last !== undefined) owner.trim(shard.id, last.sequenceNumber, Number.MAX_SAFE_INTEGER);
      }
    },
    reopen: (to) => {
      for (const one of [threads, owner]) one.close();
      const before = JSON.stringify(mirror());
      owner = open(to);
      // To open it changes nothing, whatever number of shards whoever opens it expects.
      expectSame('the log after it was opened', JSON.stringify(mirror()), before);
      owner.reshard(to);
      threads = open(to);
    },
    close: () => {
      for (const one of [database, threads, owner]) one.close();
    },
  };
};

/** Reads a log's file plainly, and keeps what it has seen of it. */
const mirrorOf = (database: Database.Database): (() => readonly PlayedShard[]) => {
  const byId = new Map<number, PlayedShard>();
  let readTo = 0;
  const nameOf = ({ id, name }: Pick<ShardRow, 'id' | 'name'>) => name ?? `shard-${String(id).padStart(12, '0')}`;
  return () => {
    for (const row of database.prepare('SELECT id, name, parents, open, floor_ms FROM shards ORDER BY id').all() as ShardRow[]) {
      const known = byId.get(row.id);
      if (known !== undefined) known.open = row.open === 1;
      else
        byId.set(row.id, {
          id: nameOf(row),
          parents: row.parents === '' ? [] : row.parents.split(',').map((id) => byId.get(Number(id))?.id ?? ''),
          lanes: [],
          open: row.open === 1,
          floorMs: row.floor_ms,
          records: [],
          trimmed: 0,
          isTrimmed: false,
        });
    }
    for (const row of database
      .prepare('SELECT sequence, shard, partition_key, arrived_at_ms, data FROM records WHERE sequence > ? ORDER BY sequence')
      .all(readTo) as RecordRow[]) {
      byId.get(row.shard)?.records.push({
        sequenceNumber: String(row.sequence),
        partitionKey: row.partition_key,
        arrivedAtMs: row.arrived_at_ms,
        data: new Uint8Array(row.data),
      });
      readTo = row.sequence;
    }
    for (const { shard, held } of database.prepare('SELECT shard, count(*) AS held FROM records GROUP BY shard').all() as { shard: number; held: number }[]) {
      const known = byId.get(shard);
      if (known !== undefined) known.trimmed = known.records.length - held;
    }
    return [...byId.values()];
  };
};
