import type { Tables } from '../consume/progress.ts';
import type { ShardBatch, ShardRecord } from '../consume/shard-batch.ts';
import type { Pipeline } from '../definition/define.ts';
import { announcedIn } from '../log/announcement.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import { firstRevision } from '../lookups/changes.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { lookingUp } from './looking-up.ts';

interface ReferenceDataPorts {
  readonly pipeline: Pipeline;
  readonly store: CellStore;
  readonly lake: Pick<ObjectStore, 'get'>;
  readonly epochLengthMs: number;
}
/** What a batch looks up. */
interface Lookups {
  /** Keeps an event that needs reference data until its record is settled; false if it needs none. */
  take(event: StoredEvent): boolean;
  /** The record's events, with the rows that their lookups read. */
  settle(record: ShardRecord): Promise<readonly StoredEvent[]>;
  after(): Tables;
}

/**
 * Reference data for the speed layer. An event is looked up in what was announced before it in its shard, and in the
 * version of that whose time it is in. The log decides that, and the progress keeps it, so every retry finds the same rows.
 */
export const referenceData = (ports: ReferenceDataPorts) => {
  const { store, epochLengthMs } = ports;
  const { isNeeded, lookUp } = lookingUp(ports);

  return {
    /** Null if neither this pipeline nor the ones before looked anything up. */
    begin: async (batch: ShardBatch): Promise<Lookups | null> => {
      const known = batch.before?.tables ?? inherited(batch, epochLengthMs);
      if (known === null && !isNeeded()) return null;
      let tables = known ?? { revision: await firstRevision(store, batch.shard), sinceMs: 0 };
      let pending: StoredEvent[] = [];
      return {
        take: (event) => {
          if (!isNeeded(event.type)) return false;
          pending.push(event);
          return true;
        },
        settle: async ({ data, epochMs }) => {
          const revision = announcedIn(data);
          // Heartbeats repeat the latest one; an older one may come after it.
          if (revision !== null && revision > tables.revision) tables = { revision, sinceMs: epochMs + epochLengthMs };
          if (pending.length === 0) return pending;
          const events = pending;
          pending = [];
          return lookUp(events, tables.revision);
        },
        after: () => tables,
      };
    },
  };
};

/** A shard goes on with the latest revision of those that it continues, null if they have none. */
const inherited = ({ lineage, records }: ShardBatch, epochLengthMs: number): Tables | null => {
  const all = (lineage?.ancestors ?? []).flatMap(({ progress }) => progress.tables ?? []);
  if (all.length === 0) return null;
  const revision = Math.max(...all.map((one) => one.revision));
  const isAlike = all.every((one) => one.revision === revision);
  return { revision, sinceMs: isAlike ? Math.max(...all.map(({ sinceMs }) => sinceMs)) : (records[0]?.epochMs ?? 0) + epochLengthMs };
};
