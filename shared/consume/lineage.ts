import type { CellStore } from '../ports/cell-store.ts';
import type { EventLog, LogShard } from '../ports/event-log.ts';
import type { Consumer } from '../ports/log-reader.ts';
import { isDeadLetterShard, progressKey } from '../storage/keys.ts';
import { decodeProgress, type Progress } from './progress.ts';

export interface Lineage {
  /** The epoch in which the shard begins, in epoch milliseconds. */
  readonly begunMs: number;
  /** The earliest epoch in which the log lets it begin. */
  readonly floorMs: number;
  /** How far the consumer had come on each of its ancestors; those without records are left out. */
  readonly ancestors: readonly { readonly shard: string; readonly progress: Progress }[];
}

/**
 * A shard begins in the epoch in which its parents ended, 0 for a shard without any, and not before the floors of the log. So
 * epochs never step back along a lane, whatever the clocks of its shards: the records of a child are never before a horizon
 * that its parents have reached. A consumer begins a shard after it has drained the parents, so every consumer finds the same.
 */
export const lineageOf = async (log: Pick<EventLog, 'shards'>, store: CellStore, consumer: Consumer, shard: string): Promise<Lineage> => {
  // A list from before the shard began would hide its parents, and its events would count in too early an epoch.
  const shards = await log.shards(isDeadLetterShard(shard) ? undefined : shard);
  const ids = ancestorsOf(shards, shard);
  const floors = shards.filter(({ id }) => id === shard || ids.includes(id)).map(({ floorMs }) => floorMs);
  const cells = await store.get(ids.map((id) => progressKey(consumer, id)));
  const ancestors = ids.flatMap((id, i) => {
    const cell = cells[i] ?? null;
    return cell === null ? [] : [{ shard: id, progress: decodeProgress(cell.body, cell.version) }];
  });
  const begunMs = Math.max(0, ...floors, ...ancestors.map(({ progress }) => progress.epochMs));
  return { begunMs, floorMs: shards.find(({ id }) => id === shard)?.floorMs ?? 0, ancestors };
};

/** All shards that one continues. A parent without records ended where its own parents did. */
export const ancestorsOf = (shards: readonly LogShard[], shard: string): string[] => {
  const parentsOf = new Map(shards.map(({ id, parents }) => [id, parents]));
  const found = new Set<string>();
  const visit = (id: string): void => {
    for (const parent of parentsOf.get(id) ?? []) {
      if (found.has(parent)) continue;
      found.add(parent);
      visit(parent);
    }
  };
  visit(shard);
  return [...found];
};
