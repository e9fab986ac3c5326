import { frontier, type ProgressByShard } from '../consume/horizon.ts';
import { countEvents } from '../fold/cell.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { LogShard } from '../ports/event-log.ts';
import { cellPartition, readSliceSort, slicesFrom } from '../storage/keys.ts';
import type { Unread } from './unread.ts';

/** How the layers compare, over the epochs that are new in a generation. A metric over the items of an array counts those instead of events. */
export interface Drift {
  /** Events in the speed layer's cells; null if not all were folded under this definition, or some may have expired. */
  readonly speed: number | null;
  /** Events that the batch layer counts. */
  readonly batch: number;
  /** Duplicates that came too late for the speed layer to detect: it counted them, the batch layer does not. */
  readonly lateDuplicates: number;
  /** Events that an exclusion names, and that the speed layer had counted before it took effect. */
  readonly excluded: number;
  /** Events that the speed layer left out because of an exclusion that has been withdrawn since. */
  readonly restored: number;
  /** speed − batch − lateDuplicates − excluded + restored; anything but 0 means a bug, or records that the archive discarded. */
  readonly drift: number | null;
  /** Fields of stored events that the definition cannot read; only in the generation that computed the definition's history. */
  readonly unread?: readonly Unread[];
}

/** Whether all that was folded of the epochs from `fromMs` on was looked up in this revision of reference data. */
export const isFoldedUnder = (revision: number, aggregate: ProgressByShard, fromMs: number): boolean =>
  [...aggregate.values()].every(({ epochMs, tables }) => epochMs < fromMs || ((tables?.revision ?? 0) === revision && (tables?.sinceMs ?? 0) <= fromMs));

/** Whether the speed layer has folded every record of the epochs from `fromMs` on under this definition. */
export const isWholeFrom = (metric: string, aggregate: ProgressByShard, fromMs: number): boolean =>
  [...aggregate.values()].every(({ epochMs, metrics }) => {
    const folded = metrics[metric];
    return epochMs < fromMs || (folded !== undefined && folded.untilMs === null && folded.sinceMs <= fromMs);
  });

export const hasReached = (shards: readonly LogShard[], aggregate: ProgressByShard, atMs: number): boolean =>
  frontier(shards, aggregate).every(({ progress }) => progress !== null && progress.epochMs >= atMs);

/** Events in a metric's cells with from ≤ epoch < to. */
export const speedEvents = async (store: CellStore, metric: string, fromMs: number, toMs: number): Promise<number> => {
  let events = 0;
  for (const { sort } of await store.query(slicesFrom(metric, fromMs))) {
    const { epochMs, shard } = readSliceSort(sort);
    if (epochMs >= toMs) continue;
    for (const { body } of await store.query({ partition: cellPartition(metric, epochMs, shard), from: '', to: '~' })) events += countEvents(body);
  }
  return events;
};
