import type { Refuse } from '../consume/fold-shards.ts';
import type { EntityFold, EntityState } from '../fold/entity.ts';
import { compareSequence } from '../log/sequence.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import type { EntityItem, EntityKey, EntityStore } from '../ports/entity-store.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { idOf } from '../storage/entity-item.ts';
import { isDeadLetterShard, logOf } from '../storage/keys.ts';

/** Events that one batch adds to one entity, in log order. */
export interface EntityWork {
  readonly at: EntityKey;
  readonly fold: EntityFold;
  readonly events: { readonly event: StoredEvent; readonly sequenceNumber: string }[];
}

/** Other shards' batches keep changing an entity; the batch is retried. */
export class EntityContentionError extends Error {
  override readonly name = 'EntityContentionError';
}

const MAX_ATTEMPTS = 20;
/** DynamoDB takes 400 KB an item, attributes' names included. */
const MAX_ITEM_BYTES = 380_000;

/**
 * Upserts entities: folds events into stored ones, each exactly once, with one write per entity and batch. An entity is
 * written by compare-and-set on the version that was read; if another shard's batch came first, it is read and folded again.
 * A record at or before the entity's `upTo` of its shard is already folded in.
 */
export const entityWriter = ({ entities, log, telemetry }: { entities: EntityStore; log: EventLog; telemetry: Telemetry }) => {
  let shards = new Set<string>();
  const isKept = (shard: string) => shards.has(shard) || isDeadLetterShard(shard);

  /**
   * Removes the positions of shards that the log no longer has: none of their records can come again. A shard that began after
   * all listed ones is too new for the list; a closed shard has children, which began later. Positions of dead letters stay,
   * since those may be replayed again, and so do those of another log's shards, whose names do not say when they began.
   */
  const forgetShards = async (upTo: Map<string, string>, list: () => Promise<void>): Promise<void> => {
    if ([...upTo.keys()].every(isKept)) return;
    await list();
    for (const shard of upTo.keys()) if (!isKept(shard) && [...shards].some((id) => logOf(id) === logOf(shard) && id > shard)) upTo.delete(shard);
  };

  return async (work: readonly EntityWork[], shard: string, upTo: string, refuse: Refuse): Promise<void> => {
    let left = work;
    let isListed = false;
    /** Once per batch: a shard may stay unknown for long. */
    const list = async (): Promise<void> => {
      if (!isListed) shards = new Set((await log.shards()).map(({ id }) => id));
      isListed = true;
    };
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt === MAX_ATTEMPTS)
        throw new EntityContentionError(`Expected to write ${idOf((left[0] as EntityWork).at)}, but it changed ${attempt} times meanwhile`);
      const keys = left.map(({ at }) => at);
      // If that read was stale, the compare-and-set is refused, and the next attempt reads what is stored.
      const stored = await (attempt === 0 ? entities.recent(keys) : entities.get(keys));
      const pending = [];
      for (const [i, one] of left.entries()) {
        const before = stored[i] ?? null;
        const item = await folded(one, before, shard, upTo);
        if (item !== null) pending.push({ one, write: { item, expected: before?.version ?? null } });
      }
      const written = await entities.put(pending.map(({ write }) => write));
      left = pending.filter((_, i) => written[i] !== true).map(({ one }) => one);
      telemetry.count('entities_written', pending.length - left.length);
      telemetry.count('entity_conflicts', left.length);
    }

    /** The entity with these events folded in; null if they already are. Events that it cannot take are refused. */
    async function folded({ at, fold, events }: EntityWork, before: EntityItem | null, id: string, through: string): Promise<EntityItem | null> {
      const read = () => (before === null ? fold.zero() : fold.decode(before.state));
      const state = read();
      const known = state.upTo.get(id);
      const fresh = events.filter(({ sequenceNumber }) => known === undefined || compareSequence(sequenceNumber, known) > 0);
      if (fresh.length === 0) return null;
      await forgetShards(state.upTo, list);
      const version = (before?.version ?? 0) + 1;
      const itemWith = (next: EntityState): EntityItem => {
        next.upTo.set(id, through);
        const deleted = fold.isGone(next);
        return fitting({ ...at, version, deleted, fields: deleted ? {} : fold.present(next), state: fold.encode(next) });
      };
      try {
        for (const { event } of fresh) fold.add(state, event);
        return itemWith(state);
      } catch {
        return oneByOne(fold, read(), fresh, itemWith);
      }
    }

    /** Finds the events that cannot be added. */
    function oneByOne(fold: EntityFold, from: EntityState, events: EntityWork['events'], itemWith: (state: EntityState) => EntityItem): EntityItem | null {
      let good = fold.encode(from);
      let item: EntityItem | null = null;
      for (const { event } of events) {
        const state = fold.decode(good);
        try {
          fold.add(state, event);
          item = itemWith(state);
          good = item.state;
        } catch (error) {
          refuse(event, error as Error);
        }
      }
      return item;
    }
  };
};

/** @throws {RangeError} if the item is larger than a store takes. */
const fitting = (item: EntityItem): EntityItem => {
  const bytes = item.state.length + Buffer.byteLength(JSON.stringify(item.fields)) + 2 * Buffer.byteLength(idOf(item));
  if (bytes > MAX_ITEM_BYTES)
    throw new RangeError(`${item.entity}: Expected an entity of at most ${MAX_ITEM_BYTES} bytes, with this event '${item.key.slice(0, 100)}' has ${bytes}`);
  return item;
};
