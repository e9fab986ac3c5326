import type { Attributes } from '../domain/entity-item.ts';

/** One write to the entity store. */
export interface ChangeRecord {
  readonly sequenceNumber: string;
  readonly arrivedAtMs: number;
  readonly bytes: number;
  /** The item as it stood before; null where there was none. `_state` may be left out of both. */
  readonly before: Attributes | null;
  /** The item as it stands; null where it was removed. */
  readonly after: Attributes | null;
}

/** Reads the change stream of the entity store as a poller does; on AWS the event source mapping does it. */
export interface ChangeReader {
  /** Changes after a sequence number ('' for the start), in order. */
  read(
    shard: string,
    after: string,
    limits: { readonly records: number; readonly bytes: number },
  ): Promise<{ readonly records: readonly ChangeRecord[]; readonly closed: boolean }>;
}
