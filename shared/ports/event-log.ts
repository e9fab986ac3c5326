/** A record to append: the compressed lines of one lane. */
export interface NewRecord {
  readonly lane: number;
  readonly data: Uint8Array;
}
export interface LogShard {
  readonly id: string;
  readonly parents: readonly string[];
  /** A closed shard takes no more records; its children go on. */
  readonly open: boolean;
  /** Its records are in no epoch before this one, in epoch milliseconds; 0 where only its parents decide. */
  readonly floorMs: number;
}

/** The log could not take records now; none, some or all of them may stand in it. */
export class LogUnavailableError extends Error {
  override readonly name: string = 'LogUnavailableError';
}

/** There is no room for records. */
export class LogFullError extends LogUnavailableError {
  override readonly name = 'LogFullError';
}

/** A shard that was named has closed, and takes no more records: list the shards again, and try those that are open. */
export class ClosedShardError extends LogUnavailableError {
  override readonly name = 'ClosedShardError';
}

/**
 * An ordered, durable log, split into shards. Each record gets a sequence number that grows within the shard (compared by
 * length, then text) and an arrival time. A lane's records follow those of every append that was answered before, while
 * the lane stays on its shard; those of one append may stand in any order, and more than once. A closed shard never takes a
 * record: what is appended while shards change goes to those that are open then, or is refused.
 */
export interface EventLog {
  /**
   * Resolves when every record is durable. A lane's place in the hash range is fixed, so it always goes to one open shard,
   * whichever are open at that moment.
   * @throws {LogUnavailableError} when it is throttled or down for longer than a request can wait.
   */
  append(records: readonly NewRecord[]): Promise<void>;
  /**
   * Every shard that still holds records, parents before children; ids of one log sort in the order in which shards began.
   * The list may be one from a while ago, but not from before `having` began, where that is given.
   * @throws {LogUnavailableError} while only an older one is to be had.
   */
  shards(having?: string): Promise<readonly LogShard[]>;
  /**
   * Appends one record to each of these open shards, past all lanes: the heartbeat.
   * @throws {ClosedShardError} when one of them has closed; some of the others may have taken theirs.
   */
  appendToShards(shardIds: readonly string[], data: Uint8Array): Promise<void>;
  /**
   * By how much arrival times are ahead of the clock, since the clock was ahead when earlier records arrived, and the highest
   * floor of an open shard; 0 where that cannot be.
   */
  status(): Promise<{ readonly aheadMs: number; readonly floorMs: number }>;
}
