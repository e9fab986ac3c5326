import type { EventLog } from './event-log.ts';

/** Who reads the log, each on its own. */
export type Consumer = 'aggregate' | 'archive' | 'materialize';

export interface LogRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly arrivedAtMs: number;
  readonly data: Uint8Array;
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
