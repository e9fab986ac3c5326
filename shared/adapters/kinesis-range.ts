import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  InvalidArgumentException,
  type KinesisClient,
  ProvisionedThroughputExceededException,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import { compareSequence } from '../domain/sequence.ts';
import type { LogRecord } from '../ports/log-reader.ts';

export interface KinesisRangeOptions {
  readonly client: KinesisClient;
  readonly stream: string;
  readonly sleep: (ms: number) => Promise<void>;
}
export interface RecordRange {
  readonly shard: string;
  readonly first: string;
  readonly last: string;
}

/** A shard takes five reads a second from all of its consumers together. */
const PAUSE_MS = 250;
const MAX_RECORDS = 1_000;

/** Reads a range of a shard's records, both ends included, as far as the stream still holds them. */
export const kinesisRange =
  ({ client, stream, sleep }: KinesisRangeOptions) =>
  async ({ shard, first, last }: RecordRange): Promise<LogRecord[]> => {
    const iteratorFrom = async (from: { ShardIteratorType: 'AT_SEQUENCE_NUMBER'; StartingSequenceNumber: string } | { ShardIteratorType: 'TRIM_HORIZON' }) =>
      (await client.send(new GetShardIteratorCommand({ StreamName: stream, ShardId: shard, ...from }))).ShardIterator;
    const start = async (): Promise<string | undefined> => {
      try {
        return await iteratorFrom({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: first });
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        // A number that the stream no longer knows: what it still holds of the range comes after.
        if (error instanceof InvalidArgumentException) return iteratorFrom({ ShardIteratorType: 'TRIM_HORIZON' });
        throw error;
      }
    };
    const records: LogRecord[] = [];
    let iterator = await start();
    while (iterator !== undefined) {
      let page: Awaited<ReturnType<typeof read>>;
      try {
        page = await read(iterator);
      } catch (error) {
        if (!(error instanceof ProvisionedThroughputExceededException)) throw error;
        await sleep(PAUSE_MS);
        continue;
      }
      for (const { SequenceNumber = '', PartitionKey = '', ApproximateArrivalTimestamp, Data = new Uint8Array() } of page.Records ?? []) {
        if (compareSequence(SequenceNumber, last) > 0) return records;
        if (compareSequence(SequenceNumber, first) >= 0)
          records.push({ sequenceNumber: SequenceNumber, partitionKey: PartitionKey, arrivedAtMs: ApproximateArrivalTimestamp?.getTime() ?? 0, data: Data });
        if (SequenceNumber === last) return records;
      }
      // An empty page may come before the end.
      if ((page.Records ?? []).length === 0 && (page.MillisBehindLatest ?? 0) === 0) break;
      iterator = page.NextShardIterator;
    }
    return records;

    function read(from: string) {
      return client.send(new GetRecordsCommand({ ShardIterator: from, Limit: MAX_RECORDS }));
    }
  };
