import type { EntityItem } from './entity-store.ts';

/** An entity as a change shows it: without its state, which nobody reads there. */
export type EntityImage = Omit<EntityItem, 'state'>;

/** A change of an entity. */
export interface Change {
  readonly sequenceNumber: string;
  /** The entity before; null where there was none, or where the store no longer knows it. */
  readonly before: EntityImage | null;
  /** The entity after this change, or after a later one; null where it was removed. One of the two is there. */
  readonly after: EntityImage | null;
}
/** A change as a poller reads it. */
export interface ChangeRecord extends Change {
  readonly arrivedAtMs: number;
  readonly bytes: number;
}

/**
 * Reads the change stream of the entity store as a poller does; on AWS the event source mapping does it. Of
 * changes that were not read yet, an entity's last may be all that is left, and one that leaves what is shown alone need not
 * be in it.
 */
export interface ChangeReader {
  /** Changes after a sequence number ('' for the start), in order. */
  read(
    shard: string,
    after: string,
    limits: { readonly records: number; readonly bytes: number },
  ): Promise<{ readonly records: readonly ChangeRecord[]; readonly closed: boolean }>;
}
