import type { Consumer, LogRecord } from './log-reader.ts';

/** Records of one shard, one after the other, that a consumer gave up. The records themselves are read apart. */
export interface DeadLetter {
  readonly id: string;
  readonly consumer: LetterConsumer;
  readonly shard: string;
  /** Sequence numbers of its first and last record. */
  readonly first: string;
  readonly last: string;
  readonly firstArrivedAtMs: number;
  readonly lastArrivedAtMs: number;
  readonly records: number;
  /** Why it was given up, in the words of who did. */
  readonly reason: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly buriedAtMs: number;
}
/** Consumers of the log, and that of the entities' change stream. */
export const LETTER_CONSUMERS = ['aggregate', 'archive', 'materialize', 'index-entities'] as const satisfies readonly (Consumer | 'index-entities')[];
export type LetterConsumer = (typeof LETTER_CONSUMERS)[number];

/** What consumers gave up, until somebody has made it good. */
export interface DeadLetters {
  /** Letters, at most 1,000, oldest first. One that another call is reading at the same moment may be left out. */
  list(): Promise<readonly DeadLetter[]>;
  /** A letter's records, in order, as far as they are still kept: fewer than `records` where the log has dropped some. */
  read(letter: DeadLetter): Promise<readonly LogRecord[]>;
  /** Drops a letter that this process listed. One that is gone is no error; one that another call has listed since may stay. */
  remove(letter: DeadLetter): Promise<void>;
}
