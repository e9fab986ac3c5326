import type { EventLog } from './event-log.ts';

/** Who reads the log, each on its own. */
export type Consumer = 'aggregate' | 'archive' | 'materialize';

export interface LogRecord {
  readonly sequenceNumber: string;
  /** What its events were spread by; the records of a lane stay in order when shards change. */
  readonly lane: string;
  readonly arrivedAtMs: number;
  readonly data: Uint8Array;
}

/** Records of one shard, in order, as a consumer takes them. */
export interface ShardRecords {
  readonly shard: string;
  readonly records: readonly LogRecord[];
}

/** What a consumer answers: the sequence number of the lowest record that is not applied, from which on all are retried; null when every record is. */
export interface BatchOutcome {
  readonly failedFrom: string | null;
}

/** Reads a log as a poller does; on AWS the event source mapping does it. */
export interface LogReader extends Pick<EventLog, 'shards'> {
  /** Records of a shard after a sequence number ('' for its start), in order. `closed` when none will ever follow these. */
  read(
    shard: string,
    after: string,
    limits: { readonly records: number; readonly bytes: number },
  ): Promise<{ readonly records: readonly LogRecord[]; readonly closed: boolean }>;
}
