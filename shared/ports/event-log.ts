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
}

/** The log could not take records now; none, some or all of them may stand in it. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
}

/**
 * An ordered, durable log, split into shards. Each record gets a sequence number that grows within the shard (compared by
 * length, then text) and an arrival time. A lane's records follow those of every append that was answered before, while
 * the lane stays on its shard; those of one append may stand in any order, and more than once.
 */
export interface EventLog {
  /**
   * Resolves when every record is durable. A lane's place in the hash range is fixed, so it always goes to one open shard.
   * @throws {LogUnavailableError} when it is throttled or down for longer than a request can wait.
   */
  append(records: readonly NewRecord[]): Promise<void>;
  /**
   * Every shard that still holds records, parents before children; ids sort in the order in which shards began. The list may
   * be one from a while ago, but not from before `having` began, where that is given.
   * @throws {LogUnavailableError} while only an older one is to be had.
   */
  shards(having?: string): Promise<readonly LogShard[]>;
  /** Appends one record to each of these open shards, past all lanes: the heartbeat. */
  appendToShards(shardIds: readonly string[], data: Uint8Array): Promise<void>;
}
