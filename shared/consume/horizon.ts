import type { CellStore } from '../ports/cell-store.ts';
import type { EventLog, LogShard } from '../ports/event-log.ts';
import type { Consumer } from '../ports/log-reader.ts';
import { progressRange } from '../storage/keys.ts';
import { decodeProgress, type Progress } from './progress.ts';

export type ProgressByShard = ReadonlyMap<string, Progress>;

export const readProgress = async (store: CellStore, consumer: Consumer): Promise<ProgressByShard> =>
  new Map((await store.query(progressRange(consumer))).map(({ sort, body, version }) => [sort.slice(consumer.length + 1), decodeProgress(body, version)]));

/** How far a consumer has come on each open shard, null if it has not begun. Progress on a shard implies that the parents are drained, since a poller begins a shard only after those. */
export const frontier = (shards: readonly LogShard[], progress: ProgressByShard): { readonly shard: string; readonly progress: Progress | null }[] =>
  shards.filter(({ open }) => open).map(({ id }) => ({ shard: id, progress: progress.get(id) ?? null }));

export interface Horizon {
  /** The newest epoch, in ms, before which the lake holds the whole log; 0 while there is none. */
  readonly atMs: number;
  /** The shard that holds it back. */
  readonly shard: string | null;
}

/** The boundary between the layers, a watermark: a position in the log, not an event time. */
export const horizonOf = (shards: readonly LogShard[], archive: ProgressByShard): Horizon => {
  const reached = frontier(shards, archive).map(({ shard, progress }): Horizon => ({ atMs: progress?.epochMs ?? 0, shard }));
  return reached.sort((a, b) => a.atMs - b.atMs)[0] ?? { atMs: 0, shard: null };
};

export const readHorizon = async (log: EventLog, store: CellStore): Promise<Horizon> => {
  // Progress is read first: a shard that opens in between then holds the horizon back, instead of being missed.
  const progress = await readProgress(store, 'archive');
  return horizonOf(await log.shards(), progress);
};
