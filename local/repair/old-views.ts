import { existsSync } from 'node:fs';
import type Database from 'libsql';
import { BYTES_PER_ID } from '../../shared/consume/duplicates.ts';
import { readSeenSort } from '../../shared/storage/keys.ts';
import { openToRead } from '../check/state.ts';

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
  readonly ids: readonly string[];
}
/** What could be read of the views that a repair replaces. */
export interface OldViews {
  readonly exclusions: readonly OldCell[];
  readonly generations: readonly string[];
  /** Shard → the last record that the archive wrote to the lake. */
  readonly written: ReadonlyMap<string, string>;
  /** Ids of events that consumers had processed: by shard, up to a record, 16 hexadecimal digits each. */
  taken(): Iterable<Taken>;
  /** What could not be read; null if everything could. */
  readonly problem: string | null;
  close(): void;
}

export const NO_VIEWS: OldViews = { exclusions: [], generations: [], written: new Map(), taken: () => [], problem: null, close: () => {} };

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
      exclusions: of('exclusions'),
      generations: of('generations').flatMap(({ sort }) => (/^g\d+$/.test(sort) ? [sort] : [])),
      written: new Map(
        archive.flatMap(({ sort, body }) => {
          const { lastRaw } = JSON.parse(Buffer.from(body).toString()) as { lastRaw?: string };
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
  const page = database.prepare(
    "SELECT rowid, sort, body FROM cells WHERE rowid > ? AND partition >= 'seen#' AND partition < 'seen$' ORDER BY rowid LIMIT 1000",
  );
  for (let after = 0; ; ) {
    const rows = page.all(after) as { rowid: number; sort: string; body: ArrayBuffer }[];
    for (const { sort, body } of rows) {
      const { shard, first, last } = readSeenSort(sort);
      const hex = Buffer.from(body).toString('hex');
      yield {
        shard,
        first,
        last,
        ids: Array.from({ length: body.byteLength / BYTES_PER_ID }, (_, i) => hex.slice(2 * BYTES_PER_ID * i, 2 * BYTES_PER_ID * (i + 1))),
      };
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.rowid;
  }
}
