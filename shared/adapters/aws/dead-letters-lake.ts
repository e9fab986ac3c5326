import { compareSequence } from '../../log/sequence.ts';
import type { DeadLetter, DeadLetterConsumer, DeadLetters } from '../../ports/dead-letters.ts';
import { inParallel } from '../../ports/in-parallel.ts';
import type { LogRecord } from '../../ports/log-reader.ts';
import type { ObjectStore, StoredObject } from '../../ports/object-store.ts';
import { DISCARDED } from '../../storage/lake.ts';
import { deadLetterOf, payloadOf, withoutPayload } from './discarded-batch.ts';
import type { RecordRange } from './kinesis-range.ts';
import { fromKinesis } from './kinesis-records.ts';

export interface DeadLettersInLakeOptions {
  readonly lake: ObjectStore;
  /** The consumer whose event source mapping sends failures here. */
  readonly consumer: DeadLetterConsumer;
  /** Where a message holds no records, as far as the log has them. */
  readonly readLog: (range: RecordRange) => Promise<readonly LogRecord[]>;
}

const MAX_DEAD_LETTERS = 1_000;
/** A message begins with what it is about; its records, up to 6 MB, are last. */
const BEGINNING_BYTES = 8_192;
const PARALLEL = 16;

/**
 * Dead letters in the lake, as Lambda writes them: with the records themselves, so they can be replayed however long the log
 * kept them, and are kept until then.
 */
export const deadLettersInLake = ({ lake, consumer, readLog }: DeadLettersInLakeOptions): DeadLetters => {
  /** Null if it was replayed meanwhile. */
  const describe = async ({ key, bytes }: StoredObject): Promise<DeadLetter | null> => {
    if (bytes > BEGINNING_BYTES) {
      const about = withoutPayload(textOf(await lake.getRange(key, 0, BEGINNING_BYTES)));
      const letter = about === null ? null : deadLetterOf(consumer, key, about);
      if (letter !== null && letter.shard !== '') return letter;
    }
    const whole = await lake.get(key);
    return whole === null ? null : deadLetterOf(consumer, key, textOf(whole));
  };

  return {
    list: async () => {
      const found: StoredObject[] = [];
      for await (const object of lake.list(DISCARDED, '')) found.push(object);
      // Keys begin with the mapping and the shard, so only all of them can be sorted by time.
      const oldest = found.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).slice(0, MAX_DEAD_LETTERS);
      const letters = await inParallel(PARALLEL, oldest, describe);
      return letters.filter((letter) => letter !== null).sort((a, b) => a.buriedAtMs - b.buriedAtMs);
    },
    read: async (letter) => {
      if (letter.shard === '') return [];
      const event = payloadOf(textOf(await lake.get(letter.id)));
      const records = event === null ? [] : fromKinesis(event).records.filter(isIn(letter));
      return records.length >= letter.records ? records : readLog(letter);
    },
    remove: ({ id }) => lake.remove([id]),
  };
};

/** aws/lambda/{mapping}/{shard}/2026/11/21/2026-11-21T10.00.30-{uuid} */
const nameOf = ({ key }: StoredObject): string => key.slice(key.lastIndexOf('/') + 1);
const textOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();

const isIn =
  ({ first, last }: DeadLetter) =>
  ({ sequenceNumber }: LogRecord): boolean =>
    compareSequence(first, sequenceNumber) <= 0 && compareSequence(sequenceNumber, last) <= 0;
