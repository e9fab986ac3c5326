import type { Json } from '../measures/measure.ts';

/** A stored entity. */
export interface EntityItem {
  /** Which entity under which identity, such as `page@0123456789ab`. */
  readonly entity: string;
  readonly key: string;
  /** Counts its writes, from 1 on; what compare-and-set compares, and the search index's external version. */
  readonly version: number;
  /** Whether its latest event says that it is gone. Its state stays, so that a later event finds it. */
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
  /** The version that must stand there; null if nothing may. */
  readonly expected: number | null;
}

/** It may hold no items, and more follow all the same. */
export interface EntityPart {
  readonly items: readonly EntityItem[];
  /** Where the next part begins; null after the last. */
  readonly next: string | null;
}

/** Entities with compare-and-set. Every write that changes what is shown appears in the change stream, or a later one of the same entity does. Every read sees every write that was answered before it. */
export interface EntityStore {
  /** The items in the keys' order, null where there is none. */
  get(keys: readonly EntityKey[]): Promise<readonly (EntityItem | null)[]>;
  /** Writes each item by itself if its expected version still stands. Answers whether it was written, in order. */
  put(writes: readonly EntityWrite[]): Promise<readonly boolean[]>;
  /** Removes items for good, whatever their version; the change stream says so. */
  remove(keys: readonly EntityKey[]): Promise<void>;
  /**
   * Some of an entity's items, deleted ones too, in no order: those after a place that an earlier call named, or from the
   * start (null). Each item that stands while all parts are read comes exactly once.
   */
  scan(entity: string, after: string | null): Promise<EntityPart>;
}
