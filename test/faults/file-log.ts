import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { type SqliteLog, sqliteLog } from '../../shared/adapters/sqlite/log.ts';
import type { Lanes } from '../../shared/log/lane.ts';
import { MOST_SHARDS } from './plan.ts';
import type { PastLine, PlayedLog, PlayedShard } from './played-log.ts';
import { expectSame } from './same.ts';

export interface FileLog extends PlayedLog {
  /** Closes it, for files to be changed. */
  stop(): void;
  /** Somebody took a copy of the folder. */
  remember(): void;
  /** That copy of the log, and of the lake or not, is what there is now. */
  recall(withLake: boolean): void;
  /** Opens it again with so many shards. `past`: it was repaired, and this is in the lake. */
  start(shards: number, past: readonly PastLine[] | null): void;
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
export const fileLog = ({ folder, shards, lanes, clock }: { folder: string; shards: number; lanes: Lanes; clock: () => number }): FileLog => {
  const path = join(folder, 'log.db');
  const open = (expected: number): SqliteLog => sqliteLog({ path, shards: expected, lanes, clock });
  let owner = open(shards);
  let threads = open(shards);
  let database = new Database(path);
  const mirror = mirrorOf(() => database);
  let isStopped = false;
  let starts = 0;
  let past: readonly PastLine[] = [];
  let copied: { readonly shards: readonly (readonly [number, PlayedShard])[]; readonly past: readonly PastLine[] } = { shards: [], past };
  return {
    lanes: () => owner.lanes,
    coding: owner.coding,
    append: (records) => threads.append(records),
    appendToShards: (ids, data) => threads.appendToShards(ids, data),
    shards: (having) => threads.shards(having),
    status: () => threads.status(),
    get all() {
      return isStopped ? mirror.known() : mirror.read();
    },
    get past() {
      return past;
    },
    write: (shard, _, data) => owner.appendToShards([shard.id], data),
    reshape: (how, at) => {
      const open = mirror.read().filter((shard) => shard.open).length;
      const other = [1, 2, 3, MOST_SHARDS].filter((n) => (how === 'split' ? n > open : n < open));
      if (other.length > 0) owner.reshard(other[at % other.length] as number, { beginsEpoch: at % 2 === 1 });
    },
    trim: (takenOf) => {
      for (const shard of mirror.read()) {
        const last = shard.records[takenOf(shard) - 1];
        if (last !== undefined) owner.trim(shard.id, last.sequenceNumber, Number.MAX_SAFE_INTEGER);
      }
    },
    stop: () => {
      mirror.read();
      isStopped = true;
      for (const one of [database, threads, owner]) one.close();
    },
    remember: () => {
      copied = { shards: mirror.copy(), past };
    },
    recall: (withLake) => {
      mirror.become(copied.shards);
      if (withLake) past = copied.past;
    },
    start: (to, repaired) => {
      past = repaired ?? past;
      isStopped = false;
      const isThere = existsSync(path);
      database = new Database(path);
      if (isThere) mirror.adopt(repaired !== null);
      const before = isThere ? JSON.stringify(mirror.read()) : null;
      owner = open(to);
      if (!isThere) mirror.adopt(true);
      // To open it changes nothing, whatever number of shards whoever opens it expects.
      if (before !== null) expectSame('the log after it was opened', JSON.stringify(mirror.read()), before);
      // Every other start is one with changed definitions.
      owner.reshard(to, { beginsEpoch: starts++ % 2 === 0 });
      threads = open(to);
    },
    close: () => {
      for (const one of [database, threads, owner]) one.close();
    },
  };
};

/** Reads a log's file plainly, and keeps what it has seen of it. */
const mirrorOf = (opened: () => Database.Database) => {
  const byId = new Map<number, PlayedShard>();
  let readTo = 0;
  /** What was read last, and at which version of which connection's file: nobody has written since, if it still has that. */
  let last: { readonly database: Database.Database; readonly version: number; readonly shards: readonly PlayedShard[] } | null = null;
  const versionOf = (database: Database.Database): number => (database.prepare('PRAGMA data_version').get() as { data_version: number }).data_version;
  const nameOf = ({ id, name }: Pick<ShardRow, 'id' | 'name'>) => name ?? `shard-${String(id).padStart(12, '0')}`;
  /** The file may be another: what it does not know is forgotten. */
  const adopt = (isNew: boolean): void => {
    last = null;
    const [given] = opened().prepare("SELECT seq FROM sqlite_sequence WHERE name = 'records'").all() as { seq: number }[];
    const names = new Map((opened().prepare('SELECT id, name FROM shards').all() as ShardRow[]).map((row) => [row.id, nameOf(row)]));
    for (const [id, shard] of byId) {
      if (isNew || names.get(id) !== shard.id) byId.delete(id);
      const from = shard.records.findIndex(({ sequenceNumber }) => Number(sequenceNumber) > (given?.seq ?? 0));
      if (from >= 0) shard.records.splice(from);
    }
    readTo = isNew ? 0 : Math.min(readTo, given?.seq ?? 0);
  };
  const read = (): readonly PlayedShard[] => {
    const database = opened();
    const version = versionOf(database);
    if (last?.database === database && last.version === version) return last.shards;
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
        lane: row.partition_key,
        arrivedAtMs: row.arrived_at_ms,
        data: new Uint8Array(row.data),
      });
      readTo = row.sequence;
    }
    const held = new Map(
      (database.prepare('SELECT shard, count(*) AS records FROM records GROUP BY shard').all() as { shard: number; records: number }[]).map(
        ({ shard, records }) => [shard, records],
      ),
    );
    for (const [id, shard] of byId) shard.trimmed = shard.records.length - (held.get(id) ?? 0);
    last = { database, version, shards: [...byId.values()] };
    return last.shards;
  };
  return {
    read,
    adopt,
    known: (): readonly PlayedShard[] => [...byId.values()],
    copy: () => [...byId].map(([id, shard]): readonly [number, PlayedShard] => [id, { ...shard, records: [...shard.records] }]),
    become: (shards: readonly (readonly [number, PlayedShard])[]): void => {
      last = null;
      byId.clear();
      for (const [id, shard] of shards) byId.set(id, { ...shard, records: [...shard.records] });
      readTo = Math.max(0, ...[...byId.values()].flatMap(({ records }) => Number(records.at(-1)?.sequenceNumber ?? 0)));
    },
  };
};
