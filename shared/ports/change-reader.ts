import type { EntityItem } from './entity-store.ts';

/** An entity in a change: without its state, which no reader of changes needs. */
export type EntityImage = Omit<EntityItem, 'state'>;

/** A change of an entity. */
export interface Change {
  readonly sequenceNumber: string;
  /** The entity before; null if there was none, or if the store no longer knows it. */
  readonly before: EntityImage | null;
  /** The entity after this change, or after a later one; null if it was removed. At least one of the two is not null. */
  readonly after: EntityImage | null;
}
/** A change as a poller reads it. */
export interface ChangeRecord extends Change {
  readonly arrivedAtMs: number;
  readonly bytes: number;
}

/**
 * Reads the change stream of the entity store, as a poller does; on AWS the event source mapping does it. Changes may be
 * coalesced: of an entity's unread changes, perhaps only the last is left, and a change that does not affect what is shown
 * may be missing.
 */
export interface ChangeReader {
  /** Changes after a sequence number ('' for the start), in order. */
  read(
    shard: string,
    after: string,
    limits: { readonly records: number; readonly bytes: number },
  ): Promise<{ readonly records: readonly ChangeRecord[]; readonly closed: boolean }>;
}
