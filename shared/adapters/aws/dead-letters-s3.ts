import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { compareSequence } from '../../log/sequence.ts';
import type { DeadLetter, DeadLetterConsumer, DeadLetters } from '../../ports/dead-letters.ts';
import type { LogRecord } from '../../ports/log-reader.ts';
import { DISCARDED } from '../../storage/lake.ts';
import { deadLetterOf, payloadOf, withoutPayload } from './discarded-batch.ts';
import type { RecordRange } from './kinesis-range.ts';
import { fromKinesis } from './kinesis-records.ts';

export interface DeadLettersS3Options {
  readonly client: S3Client;
  readonly bucket: string;
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
 * Dead letters in S3, as Lambda writes them: with the records themselves, so they can be replayed however long the log kept
 * them, and are kept until then.
 */
export const deadLettersS3 = ({ client, bucket, consumer, readLog }: DeadLettersS3Options): DeadLetters => {
  const get = async (key: string, range?: string): Promise<string> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...(range === undefined ? {} : { Range: range }) }));
    return (await Body?.transformToString()) ?? '';
  };
  const describe = async (key: string, bytes: number): Promise<DeadLetter | null> => {
    try {
      if (bytes > BEGINNING_BYTES) {
        const about = withoutPayload(await get(key, `bytes=0-${BEGINNING_BYTES - 1}`));
        const letter = about === null ? null : deadLetterOf(consumer, key, about);
        if (letter !== null && letter.shard !== '') return letter;
      }
      return deadLetterOf(consumer, key, await get(key));
    } catch (error) {
      if (error instanceof NoSuchKey) return null; // it was replayed meanwhile
      throw error;
    }
  };

  return {
    list: async () => {
      // Keys begin with the mapping and the shard, so only all of them can be sorted by time.
      const found: { readonly key: string; readonly bytes: number; readonly atMs: number }[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: DISCARDED, ContinuationToken }));
        for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) found.push({ key: Key, bytes: Size, atMs: LastModified?.getTime() ?? 0 });
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      const oldest = found.sort((a, b) => a.atMs - b.atMs).slice(0, MAX_DEAD_LETTERS);
      const letters: DeadLetter[] = [];
      for (let i = 0; i < oldest.length; i += PARALLEL) {
        const some = await Promise.all(oldest.slice(i, i + PARALLEL).map(({ key, bytes }) => describe(key, bytes)));
        letters.push(...some.filter((letter) => letter !== null));
      }
      return letters.sort((a, b) => a.buriedAtMs - b.buriedAtMs);
    },
    read: async (letter) => {
      if (letter.shard === '') return [];
      const event = payloadOf(await get(letter.id));
      const records = event === null ? [] : fromKinesis(event).records.filter(isIn(letter));
      return records.length >= letter.records ? records : readLog(letter);
    },
    remove: async ({ id }) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: id }));
    },
  };
};

const isIn =
  ({ first, last }: DeadLetter) =>
  ({ sequenceNumber }: LogRecord): boolean =>
    compareSequence(first, sequenceNumber) <= 0 && compareSequence(sequenceNumber, last) <= 0;
