import { frontier, type ProgressByShard } from '../consume/horizon.ts';
import { countEvents } from '../fold/cell.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { LogShard } from '../ports/event-log.ts';
import { cellPartition, readSliceSort, slicesFrom } from '../storage/keys.ts';
import type { Unread } from './unread.ts';

/** How the layers compare, over the epochs that a generation takes over. */
export interface Drift {
  /** Events in the speed layer's cells; null where they were not all folded under this definition. */
  readonly speed: number | null;
  /** Events that the batch layer counts. */
  readonly batch: number;
  /** Events that came again too late for the speed layer to tell: it counted them, the batch layer does not. */
  readonly lateDuplicates: number;
  /** Events that an exclusion names, and that the speed layer had counted before it stood. */
  readonly excluded: number;
  /** Events that the speed layer left out under an exclusion that was taken back since. */
  readonly restored: number;
  /** speed − batch − lateDuplicates − excluded + restored; anything but 0 is a fault. */
  readonly drift: number | null;
  /** Fields of stored events that the definition does not read; only where the generation computed its history. */
  readonly unread?: readonly Unread[];
}

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
