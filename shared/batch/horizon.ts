import { progressRange } from '../domain/keys.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { EventLog, LogShard } from '../ports/event-log.ts';
import { decodeProgress, type Progress } from '../speed/shard-batch.ts';

export type ProgressByShard = ReadonlyMap<string, Progress>;

export const readProgress = async (store: CellStore, consumer: 'aggregate' | 'archive'): Promise<ProgressByShard> =>
  new Map((await store.query(progressRange(consumer))).map(({ sort, body, version }) => [sort.slice(consumer.length + 1), decodeProgress(body, version)]));

/** Shards whose records this consumer has not all taken: a shard is drained once each of its children has been begun, since a poller begins those after it. */
export const undrained = (shards: readonly LogShard[], progress: ProgressByShard): LogShard[] => {
  const children = new Map<string, LogShard[]>();
  for (const shard of shards) for (const parent of shard.parents) children.set(parent, [...(children.get(parent) ?? []), shard]);
  const isBegun = (shard: LogShard): boolean => progress.has(shard.id) || isDrained(shard);
  const isDrained = (shard: LogShard): boolean => {
    const next = children.get(shard.id) ?? [];
    return !shard.open && next.length > 0 && next.every(isBegun);
  };
  return shards.filter((shard) => !isDrained(shard));
};

export interface Horizon {
  /** The newest epoch, in ms, before which the lake holds the whole log; 0 while there is none. */
  readonly atMs: number;
  /** The shard that holds it back. */
  readonly shard: string | null;
}

/** The seam between the layers: a place in the log, not a time that events happened. */
export const horizonOf = (shards: readonly LogShard[], archive: ProgressByShard): Horizon => {
  let horizon: Horizon | null = null;
  for (const { id } of undrained(shards, archive)) {
    const atMs = archive.get(id)?.epochMs ?? 0;
    if (horizon === null || atMs < horizon.atMs) horizon = { atMs, shard: id };
  }
  return horizon ?? { atMs: 0, shard: null };
};

export const readHorizon = async (log: EventLog, store: CellStore): Promise<Horizon> => {
  // Progress first: a shard that opens in between then holds the horizon back, instead of being missed.
  const progress = await readProgress(store, 'archive');
  return horizonOf(await log.shards(), progress);
};
