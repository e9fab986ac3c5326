import { existsSync } from 'node:fs';
import type Database from 'libsql';
import { decodeProgress } from '../../shared/consume/progress.ts';
import { readIdentities, readNotes } from '../../shared/log/notes.ts';
import { REPAIR_SHARD, readNotedSort, readProgressSort, readSeenSort, shardOfNotes } from '../../shared/storage/keys.ts';
import { openToRead } from '../check/state.ts';
import { nameOfUnit } from './ids.ts';

export interface OldCell {
  readonly partition: string;
  readonly sort: string;
  readonly version: string;
  readonly body: Uint8Array;
}
export interface Taken {
  readonly shard: string;
  /** Sequence numbers of the first and last record that they came in. */
  readonly first: string;
  readonly last: string;
  /** As `nameOfUnit` names them. */
  readonly ids: readonly string[];
}
/** What could be read of the views that a repair replaces. */
export interface OldViews {
  /** What people entered, and no raw line holds: exclusions, and the list of changes of reference data. */
  readonly entered: readonly OldCell[];
  readonly generations: readonly string[];
  /** Shard → the last record that the archive wrote to the lake. */
  readonly written: ReadonlyMap<string, string>;
  /** Ids of events that consumers had processed, by shard and range of records. */
  taken(): Iterable<Taken>;
  /** What could not be read; null if everything could. */
  readonly problem: string | null;
  close(): void;
}

export const NO_VIEWS: OldViews = { entered: [], generations: [], written: new Map(), taken: () => [], problem: null, close: () => {} };

export const readOldViews = (path: string): OldViews => {
  if (!existsSync(path)) return NO_VIEWS;
  let database: Database.Database | null = null;
  try {
    database = openToRead(path);
    const cells = database.prepare('SELECT partition, sort, version, body FROM cells WHERE partition >= ? AND partition < ?');
    const of = (partition: string): OldCell[] =>
      (cells.all(partition, `${partition}\u0001`) as (OldCell & { body: ArrayBuffer })[]).map((cell) => ({ ...cell, body: new Uint8Array(cell.body) }));
    const archive = of('progress').filter(({ sort }) => sort.startsWith('archive#'));
    const opened = database;
    return {
      entered: [...of('exclusions'), ...of('lookups')],
      generations: of('generations').flatMap(({ sort }) => (/^g\d+$/.test(sort) ? [sort] : [])),
      written: new Map(
        archive.flatMap(({ sort, version, body }) => {
          const { lastRaw } = decodeProgress(body, version);
          return lastRaw === undefined ? [] : [[sort.slice('archive#'.length), lastRaw] as const];
        }),
      ),
      taken: () => takenIds(opened),
      problem: null,
      close: () => opened.close(),
    };
  } catch (error) {
    database?.close();
    return { ...NO_VIEWS, problem: (error as Error).message };
  }
};

function* takenIds(database: Database.Database): Iterable<Taken> {
  for (const { partition, sort, body } of cellsOf(database, 'noted#', 'noted$')) {
    const { first, last } = readNotedSort(sort);
    // What an older repair noted is in raw files.
    if (shardOfNotes(partition) === REPAIR_SHARD) continue;
    yield { shard: shardOfNotes(partition), first, last, ids: namesIn(readNotes, body) };
  }
  for (const { sort, version, body } of cellsOf(database, 'progress', 'progress\u0001')) {
    const { noted } = decodeProgress(body, version);
    const { shard } = readProgressSort(sort);
    for (const { first, last, notes } of noted?.tail ?? []) yield { shard, first, last, ids: namesIn(readNotes, Buffer.from(notes, 'base64')) };
  }
  for (const { sort, body } of cellsOf(database, 'seen#', 'seen$')) {
    const { shard, first, last } = readSeenSort(sort);
    yield { shard, first, last, ids: namesIn(readIdentities, body) };
  }
}

const namesIn = (read: typeof readNotes, notes: Uint8Array): string[] => {
  const names: string[] = [];
  read(notes, (unit, length) => {
    for (let i = 0; i < length; i++) names.push(nameOfUnit({ ...unit, offset: unit.offset + i }));
  });
  return names;
};

/** A page at a time: there may be many. */
function* cellsOf(database: Database.Database, from: string, to: string): Iterable<OldCell> {
  const page = database.prepare(
    'SELECT rowid, partition, sort, version, body FROM cells WHERE rowid > ? AND partition >= ? AND partition < ? ORDER BY rowid LIMIT 1000',
  );
  for (let after = 0; ; ) {
    const rows = page.all(after, from, to) as (Omit<OldCell, 'body'> & { rowid: number; body: ArrayBuffer })[];
    for (const row of rows) yield { ...row, body: new Uint8Array(row.body) };
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.rowid;
  }
}
