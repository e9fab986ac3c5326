import type { Consumer, LogRecord } from './log-reader.ts';

/** Consecutive records of one shard that a consumer discarded because it could not process them. The records themselves are read separately. */
export interface DeadLetter {
  readonly id: string;
  readonly consumer: DeadLetterConsumer;
  readonly shard: string;
  /** Sequence numbers of its first and last record. */
  readonly first: string;
  readonly last: string;
  readonly firstArrivedAtMs: number;
  readonly lastArrivedAtMs: number;
  readonly records: number;
  /** Why it was discarded, in the words of the component that did it. */
  readonly reason: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly buriedAtMs: number;
}
/** Consumers of the log, and the consumer of the entities' change stream. */
export const DEAD_LETTER_CONSUMERS = ['aggregate', 'archive', 'materialize', 'index-entities'] as const satisfies readonly (Consumer | 'index-entities')[];
export type DeadLetterConsumer = (typeof DEAD_LETTER_CONSUMERS)[number];

/** The dead-letter store: records that consumers discarded, until they have been replayed or repaired. */
export interface DeadLetters {
  /** Dead letters, at most 1,000, oldest first. One that another call is reading at the same moment may be left out. */
  list(): Promise<readonly DeadLetter[]>;
  /** The records of a dead letter, in order, as far as they are still kept: fewer than `records` if the log has dropped some. */
  read(deadLetter: DeadLetter): Promise<readonly LogRecord[]>;
  /** Deletes a dead letter that this process has listed. One that is gone is not an error; one that another call has listed since may stay. */
  remove(deadLetter: DeadLetter): Promise<void>;
}
