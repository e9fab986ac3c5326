import type { Tables } from '../consume/progress.ts';
import type { ShardBatch, ShardRecord } from '../consume/shard-batch.ts';
import type { Pipeline } from '../definition/define.ts';
import { lookupsOf } from '../definition/lookups.ts';
import { withRows } from '../fold/looked-up.ts';
import { announcedIn } from '../log/announcement.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import { type Change, firstRevision, publishedAt, readChanges, type TableVersion } from '../lookups/changes.ts';
import { rowsAt } from '../lookups/in-force.ts';
import { keptRows } from '../lookups/kept-rows.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';

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

/** Of all shards together. */
const CACHE_BYTES = 64 * 1024 * 1024;

/**
 * Reference data for the speed layer. An event is looked up in what was announced before it in its shard, and in the
 * version of that whose time it is in. The log decides that, and the progress keeps it, so every retry finds the same rows.
 */
export const referenceData = ({ pipeline, store, lake, epochLengthMs }: ReferenceDataPorts) => {
  const tablesOf = new Map<string, readonly string[]>();
  for (const { definition } of Object.values(pipeline.metrics)) {
    const own = lookupsOf(definition).map(({ table }) => table);
    if (own.length > 0) tablesOf.set(definition.event, [...new Set([...(tablesOf.get(definition.event) ?? []), ...own])]);
  }
  const rows = keptRows(lake, CACHE_BYTES);

  let changes: readonly Change[] = [];
  /** Up to which revision they are known to be complete; a list that was lost may have none of that name. */
  let completeTo = 0;
  let published: { readonly revision: number; readonly versions: readonly TableVersion[] } = { revision: 0, versions: [] };
  /** A revision is announced after it is stored, so the list holds everything up to it. */
  const versionsAt = async (revision: number): Promise<readonly TableVersion[]> => {
    if (revision > completeTo) {
      const known = [...changes, ...(await readChanges(store, changes.length))];
      // Another shard's batch may have read a longer list meanwhile.
      if (known.length > changes.length) changes = known;
      completeTo = Math.max(completeTo, revision);
    }
    if (published.revision !== revision) published = { revision, versions: publishedAt(changes, revision) };
    return published.versions;
  };

  const lookedUp = async (events: readonly StoredEvent[], revision: number): Promise<StoredEvent[]> => {
    const versions = await versionsAt(revision);
    const placed = events.map((event) => {
      const names = new Map((tablesOf.get(event.type) ?? []).map((table) => [table, rowsAt(versions, table, event.time)]));
      return { event, names };
    });
    const wanted = new Map(placed.flatMap(({ names }) => [...names].flatMap(([table, name]): [string, string][] => (name === null ? [] : [[name, table]]))));
    const found = await rows(wanted);
    return placed.map(({ event, names }) => withRows(event, (table, key) => found.get(names.get(table) ?? '')?.get(key)));
  };

  return {
    /** Null if neither this pipeline nor the ones before looked anything up. */
    begin: async (batch: ShardBatch): Promise<Lookups | null> => {
      const known = batch.before?.tables ?? inherited(batch, epochLengthMs);
      if (known === null && tablesOf.size === 0) return null;
      let tables = known ?? { revision: await firstRevision(store, batch.shard), sinceMs: 0 };
      let pending: StoredEvent[] = [];
      return {
        take: (event) => {
          if (!tablesOf.has(event.type)) return false;
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
          return lookedUp(events, tables.revision);
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
