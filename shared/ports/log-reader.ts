import type { EventLog } from './event-log.ts';

/** The consumers of the log, each independent of the others. */
export type Consumer = 'aggregate' | 'archive' | 'materialize';

export interface LogRecord {
  readonly sequenceNumber: string;
  /** The key by which its events were partitioned; the records of a lane stay in order when shards change. */
  readonly lane: string;
  readonly arrivedAtMs: number;
  readonly data: Uint8Array;
}

/** Records of one shard, in order, as passed to a consumer. */
export interface ShardRecords {
  readonly shard: string;
  readonly records: readonly LogRecord[];
}

/** What a consumer returns: the sequence number of the first record that was not applied, from which on all are retried; null if all were applied. */
export interface BatchOutcome {
  readonly failedFrom: string | null;
}

/** Reads a log, as a poller does; on AWS the event source mapping does it. */
export interface LogReader extends Pick<EventLog, 'shards'> {
  /** Records of a shard after a sequence number ('' for its start), in order. `closed` if none will ever follow these, also if there is no such shard. */
  read(
    shard: string,
    after: string,
    limits: { readonly records: number; readonly bytes: number },
  ): Promise<{ readonly records: readonly LogRecord[]; readonly closed: boolean }>;
}
