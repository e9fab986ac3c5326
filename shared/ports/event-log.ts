import type { Coding } from '../log/compression.ts';

/** A record to append: the compressed lines of one lane. */
export interface NewRecord {
  readonly lane: number;
  readonly data: Uint8Array;
}
export interface LogShard {
  readonly id: string;
  readonly parents: readonly string[];
  /** A closed shard takes no more records; its children continue it. */
  readonly open: boolean;
  /** Its records are in no epoch before this one, in epoch milliseconds; 0 if only its parents limit it. */
  readonly floorMs: number;
}

/** The log could not take records now; none, some or all of them may be in it. */
export class LogUnavailableError extends Error {
  override readonly name: string = 'LogUnavailableError';
}

/** There is no room for records. */
export class LogFullError extends LogUnavailableError {
  override readonly name = 'LogFullError';
}

/** A named shard has closed, and takes no more records: list the shards again, and use the open ones. */
export class ClosedShardError extends LogUnavailableError {
  override readonly name = 'ClosedShardError';
}

/**
 * An ordered, durable log, split into shards. Each record gets a sequence number that grows within the shard (compared by
 * length, then text) and an arrival time. A lane's records come after those of every append that was acknowledged before,
 * as long as the lane stays on its shard; the records of one append may be in any order, and more than once. A closed shard
 * never takes a record: what is appended while shards change goes to the shards that are open then, or is refused.
 */
export interface EventLog {
  /** How new records are compressed: in a way that each of its consumers reads. */
  readonly coding: Coding;
  /**
   * Resolves when every record is durable. A lane's place in the hash range is fixed, so its records always go to one open
   * shard, whichever are open at that moment.
   * @throws {LogUnavailableError} when it is throttled or down for longer than a request can wait.
   */
  append(records: readonly NewRecord[]): Promise<void>;
  /**
   * Every shard that still holds records, parents before children; ids of one log sort in the order in which shards began.
   * The list may be somewhat outdated, but if `having` is given, not from before that shard began.
   * @throws {LogUnavailableError} while only an older list is available.
   */
  shards(having?: string): Promise<readonly LogShard[]>;
  /**
   * Appends one record to each of these open shards, whatever their lanes: the heartbeat.
   * @throws {ClosedShardError} when one of them has closed; some of the others may have taken theirs.
   */
  appendToShards(shardIds: readonly string[], data: Uint8Array): Promise<void>;
  /**
   * By how much arrival times are ahead of the clock (because the clock was ahead when earlier records arrived), and the
   * highest floor of an open shard; 0 if that cannot happen.
   */
  status(): Promise<{ readonly aheadMs: number; readonly floorMs: number }>;
}
