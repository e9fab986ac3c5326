import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { folder } from '../../shared/adapters/files/folder.ts';
import { type DatabaseFile, heldAgainstSeal } from '../../shared/adapters/files/folder-seal.ts';
import { readPositions } from '../../shared/adapters/sqlite/positions.ts';
import { decodeProgress } from '../../shared/consume/progress.ts';
import { compareSequence } from '../../shared/log/sequence.ts';
import { indexedKey, readProgressSort } from '../../shared/storage/keys.ts';
import { rawPrefix, readRawKey } from '../../shared/storage/lake.ts';
import type { FolderState, RawFile } from './findings.ts';

const CHANGED = 'It is not the file that the last stop left: it was damaged, or replaced by another copy.';

/** Opens a file read-only. */
export const openToRead = (path: string): Database.Database => {
  const database = new Database(path, { timeout: 5_000 });
  database.pragma('query_only = 1');
  return database;
};

/** What the stores of a folder say. It changes none of them. @returns null for a folder in which nothing was ever stored. */
export const readState = async (dataDir: string): Promise<{ readonly state: FolderState; readonly close: () => void }> => {
  const sealed = await heldAgainstSeal(dataDir);
  const broken = new Map<DatabaseFile, string>();
  const opened: Database.Database[] = [];
  /** Null if the file is missing, or cannot be read. */
  const read = <T>(name: DatabaseFile, of: (database: Database.Database) => T): T | null => {
    const path = join(dataDir, name);
    if (sealed?.get(name) === 'missing') broken.set(name, 'It is missing: the last stop left one.');
    if (sealed?.get(name) === 'changed') broken.set(name, CHANGED);
    if (!existsSync(path) || broken.has(name)) return null;
    try {
      const database = openToRead(path);
      opened.push(database);
      // The seal guarantees every byte.
      if (sealed?.get(name) !== 'same') demandSound(database);
      return of(database);
    } catch (error) {
      broken.set(name, `It is damaged: ${(error as Error).message}.`);
      return null;
    }
  };
  const log = read('log.db', readLog);
  const views = read('views.db', readViews);
  const withPositions = (database: Database.Database) => readPositions(database) ?? { identity: '', reached: null };
  const entities = read('entities.db', withPositions);
  const search = read('search.db', withPositions);
  return {
    state: { broken, log, views, entities, search, lake: await readLake(dataDir, views, log) },
    close: () => {
      for (const database of opened) database.close();
    },
  };
};

/** @throws if its pages are inconsistent (sqlite.org/pragma.html#pragma_quick_check). */
const demandSound = (database: Database.Database): void => {
  const [row] = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
  if (row?.quick_check !== 'ok') throw new Error(row?.quick_check ?? 'no answer');
};

interface Log extends NonNullable<FolderState['log']> {
  /** Whether a shard has, or may get, records after a position. */
  goesOn(shard: string, after: string): boolean;
}
const readLog = (database: Database.Database): Log => {
  const rows = database.prepare('SELECT * FROM shards').all() as { id: number; name?: string | null; open: number; last?: number }[];
  const [given] = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'records'").all() as { seq: number }[];
  const end = given?.seq ?? 0;
  const one = database.prepare('SELECT 1 FROM records WHERE sequence = ?');
  const newest = database.prepare('SELECT max(sequence) AS last FROM records WHERE shard = ?');
  const shards = new Map(
    rows.map(({ id, name, open, last = end }) => {
      const [held] = newest.all(id) as { last: number | null }[];
      return [name ?? `shard-${String(id).padStart(12, '0')}`, { open: open === 1, last: String(Math.max(last, held?.last ?? 0)) }];
    }),
  );
  return {
    shards: new Set(shards.keys()),
    end: String(end),
    holds: (sequence) => one.all(Number(sequence)).length > 0,
    goesOn: (shard, after) => {
      const known = shards.get(shard);
      return known === undefined || known.open || compareSequence(known.last, after) > 0;
    },
  };
};

interface Views extends NonNullable<FolderState['views']> {
  /** By shard: what the archive has processed, and in which epoch that was. */
  readonly archived: ReadonlyMap<string, { readonly upTo: string; readonly epochMs: number }>;
}
const readViews = (database: Database.Database): Views => {
  const cells = database.prepare('SELECT sort, version, body FROM cells WHERE partition = ?');
  const of = (partition: string) => cells.all(partition) as { sort: string; version: string; body: ArrayBuffer }[];
  const progress = of('progress').map(({ sort, version, body }) => {
    return { ...readProgressSort(sort), upTo: version, epochMs: decodeProgress(new Uint8Array(body), version).epochMs };
  });
  const listed = of('generations');
  const active = listed.find(({ sort }) => sort === 'active');
  return {
    progress,
    generations: listed.filter(({ sort }) => sort.startsWith('g')).map(({ sort }) => sort),
    active: active === undefined ? null : Buffer.from(active.body).toString(),
    checkpoints: new Map(of(indexedKey.partition).map(({ sort, version }) => [sort, version])),
    archived: new Map(progress.filter(({ consumer }) => consumer === 'archive').map(({ shard, upTo, epochMs }) => [shard, { upTo, epochMs }])),
  };
};

const readLake = async (dataDir: string, views: Views | null, log: Log | null): Promise<FolderState['lake']> => {
  const lake = folder({ root: join(dataDir, 'lake') });
  const archived = views?.archived ?? new Map<string, { upTo: string; epochMs: number }>();
  const going = [...archived].filter(([shard, { upTo }]) => log?.goesOn(shard, upTo) ?? true);
  // A raw file past the progress is in no earlier epoch than that.
  const fromMs = going.length === 0 ? null : Math.min(...going.map(([, { epochMs }]) => epochMs));
  const beyond: RawFile[] = [];
  let hasRaw = false;
  for await (const { key } of lake.list('raw/', '')) {
    hasRaw = readRawKey(key) !== null;
    if (hasRaw) break;
  }
  if (fromMs !== null)
    for await (const { key } of lake.list('raw/', rawPrefix(fromMs))) {
      const file = readRawKey(key);
      if (file !== null && compareSequence(file.last, archived.get(file.shard)?.upTo ?? '') > 0) beyond.push({ shard: file.shard, last: file.last });
    }
  const ids = new Set<string>();
  const manifests = new Set<string>();
  for await (const { key } of lake.list('generations/', '')) {
    const [, id, kind] = /^generations\/(g\d+)\.(json\.gz|journal\.json)$/.exec(key) ?? [];
    if (id === undefined) continue;
    ids.add(id);
    if (kind === 'json.gz') manifests.add(id);
  }
  return { hasRaw, beyond, generations: [...ids].sort(), manifests };
};
