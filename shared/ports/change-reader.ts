import type { Attributes } from '../storage/entity-item.ts';

/** A change of an entity. */
export interface ChangeRecord {
  readonly sequenceNumber: string;
  readonly arrivedAtMs: number;
  readonly bytes: number;
  /** The item before; null where there was none, or where the store no longer knows it. `_state` may be left out of both. */
  readonly before: Attributes | null;
  /** The item after this change, or after a later one; null where it was removed. */
  readonly after: Attributes | null;
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
