import type { Pipeline } from '../definition/define.ts';
import { lookupsOf } from '../definition/lookups.ts';
import { withRows } from '../fold/looked-up.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import { type Change, publishedAt, readChanges, type TableVersion } from '../lookups/changes.ts';
import { rowsAt } from '../lookups/in-force.ts';
import { keptRows } from '../lookups/kept-rows.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';

/** Of all shards together. */
const CACHE_BYTES = 64 * 1024 * 1024;

/** Looks events up in reference data as it was published at a revision, each in the version that its own time is in. */
export const lookingUp = ({ pipeline, store, lake }: { readonly pipeline: Pipeline; readonly store: CellStore; readonly lake: Pick<ObjectStore, 'get'> }) => {
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

  return {
    /** Whether any type of events needs reference data, or this one. */
    isNeeded: (type?: string): boolean => (type === undefined ? tablesOf.size > 0 : tablesOf.has(type)),
    /** The events with the rows that their lookups read. */
    lookUp: async (events: readonly StoredEvent[], revision: number): Promise<StoredEvent[]> => {
      const versions = await versionsAt(revision);
      const placed = events.map((event) => {
        const names = new Map((tablesOf.get(event.type) ?? []).map((table) => [table, rowsAt(versions, table, event.time)]));
        return { event, names };
      });
      const wanted = new Map(placed.flatMap(({ names }) => [...names].flatMap(([table, name]): [string, string][] => (name === null ? [] : [[name, table]]))));
      const found = await rows(wanted);
      return placed.map(({ event, names }) => withRows(event, (table, key) => found.get(names.get(table) ?? '')?.get(key)));
    },
  };
};
