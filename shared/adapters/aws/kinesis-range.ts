import { GetRecordsCommand, type GetShardIteratorInput, type KinesisClient, ProvisionedThroughputExceededException } from '@aws-sdk/client-kinesis';
import { compareSequence } from '../../log/sequence.ts';
import type { LogRecord } from '../../ports/log-reader.ts';
import { iteratorAt } from './kinesis-iterator.ts';

export interface KinesisRangeOptions {
  readonly client: KinesisClient;
  readonly stream: string;
  readonly sleep: (ms: number) => Promise<void>;
}
export interface RecordRange {
  readonly shard: string;
  /** Sequence numbers of its ends. */
  readonly first: string;
  readonly last: string;
  readonly firstArrivedAtMs: number;
}

/** A shard allows five reads a second, for all of its consumers together. */
const PAUSE_MS = 250;
const MAX_RECORDS = 1_000;
/** Arrival times are approximate. */
const MARGIN_MS = 60_000;

/** Reads a range of a shard's records, both ends included, as far as the stream still has them. */
export const kinesisRange = ({ client, stream, sleep }: KinesisRangeOptions) => {
  const page = async (iterator: string) => {
    for (;;) {
      try {
        return await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: MAX_RECORDS }));
      } catch (error) {
        if (!(error instanceof ProvisionedThroughputExceededException)) throw error;
        await sleep(PAUSE_MS);
      }
    }
  };
  const readFrom = async ({ shard, first, last }: RecordRange, from: Omit<GetShardIteratorInput, 'ShardId'>): Promise<LogRecord[]> => {
    const records: LogRecord[] = [];
    for (let iterator = await iteratorAt({ client, stream }, shard, from); iterator !== undefined; ) {
      const { Records = [], MillisBehindLatest = 0, NextShardIterator } = await page(iterator);
      for (const { SequenceNumber = '', PartitionKey = '', ApproximateArrivalTimestamp, Data = new Uint8Array() } of Records) {
        if (compareSequence(SequenceNumber, last) > 0) return records;
        if (compareSequence(SequenceNumber, first) < 0) continue;
        records.push({ sequenceNumber: SequenceNumber, lane: PartitionKey, arrivedAtMs: ApproximateArrivalTimestamp?.getTime() ?? 0, data: Data });
        if (SequenceNumber === last) return records;
      }
      // An empty page may come before the end.
      if (Records.length === 0 && MillisBehindLatest === 0) break;
      iterator = NextShardIterator;
    }
    return records;
  };

  return async (range: RecordRange): Promise<LogRecord[]> => {
    const records = await readFrom(range, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: range.first });
    if (records[0]?.sequenceNumber === range.first) return records;
    // Its first record is gone. A time before the oldest record starts there (docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html).
    return readFrom(range, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(range.firstArrivedAtMs - MARGIN_MS) });
  };
};
