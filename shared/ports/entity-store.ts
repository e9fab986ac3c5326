import type { Json } from '../measures/measure.ts';

/** A stored entity. */
export interface EntityItem {
  /** The entity's name and identity, such as `page@0123456789ab`. */
  readonly entity: string;
  readonly key: string;
  /** Counts its writes, from 1 on; used by compare-and-set, and as the search index's external version. */
  readonly version: number;
  /** Whether its latest event is a tombstone. Its state is kept, so that a later event can bring it back. */
  readonly deleted: boolean;
  /** What answers show, by field name; empty while it is deleted. */
  readonly fields: Readonly<Record<string, Json>>;
  /** The encoded, mergeable state. */
  readonly state: Uint8Array;
}
export interface EntityKey {
  readonly entity: string;
  readonly key: string;
}
export interface EntityWrite {
  readonly item: EntityItem;
  /** The version that must be stored; null if the key must be free. */
  readonly expected: number | null;
}

/** A page of a scan. It may be empty although more pages follow. */
export interface EntityPart {
  readonly items: readonly EntityItem[];
  /** Where the next part begins; null after the last. */
  readonly next: string | null;
}

/** Entities with compare-and-set. Every write that changes what is shown appears in the change stream, or a later one of the same entity does. Every other read than `recent` sees every write that was acknowledged before it. */
export interface EntityStore {
  /** The items in the keys' order, null if there is none. */
  get(keys: readonly EntityKey[]): Promise<readonly (EntityItem | null)[]>;
  /** The same, but it may miss the newest writes, where that is cheaper: for a write by compare-and-set, which finds that out. */
  recent(keys: readonly EntityKey[]): Promise<readonly (EntityItem | null)[]>;
  /** Writes each item independently, if its expected version is still stored (optimistic concurrency). Returns whether each was written, in order. */
  put(writes: readonly EntityWrite[]): Promise<readonly boolean[]>;
  /** Deletes items for good, whatever their version; the deletion appears in the change stream. */
  remove(keys: readonly EntityKey[]): Promise<void>;
  /**
   * One page of an entity's items, deleted ones included, in no particular order: from the start (null), or after the position
   * that an earlier call returned. An item that exists during the whole scan comes exactly once.
   */
  scan(entity: string, after: string | null): Promise<EntityPart>;
}
