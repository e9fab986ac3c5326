import { GetRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { LogReader } from '../../ports/log-reader.ts';
import { iteratorAt } from './kinesis-iterator.ts';

export interface KinesisTailOptions {
  readonly client: KinesisClient;
  readonly stream: string;
  readonly sleep: (ms: number) => Promise<void>;
}

/** A shard allows five reads a second, for all of its consumers together. */
const PAUSE_MS = 250;
/** A read may find nothing though there is more to come. */
const MAX_EMPTY = 20;

/** Reads a shard of a Kinesis stream, as far as the stream still has it. */
export const kinesisTail =
  ({ client, stream, sleep }: KinesisTailOptions): LogReader['read'] =>
  async (shard, after, limits) => {
    const from =
      after === ''
        ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
        : ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: after } as const);
    let iterator = await iteratorAt({ client, stream }, shard, from);
    for (let empty = 0; iterator !== undefined && empty < MAX_EMPTY; empty++) {
      if (empty > 0) await sleep(PAUSE_MS);
      const {
        Records: records = [],
        NextShardIterator,
        MillisBehindLatest,
      } = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: Math.min(10_000, limits.records) }));
      if (records.length > 0 || MillisBehindLatest === 0)
        return {
          records: records.map(({ SequenceNumber = '', PartitionKey = '', ApproximateArrivalTimestamp, Data }) => ({
            sequenceNumber: SequenceNumber,
            lane: PartitionKey,
            arrivedAtMs: ApproximateArrivalTimestamp?.getTime() ?? 0,
            data: Data ?? new Uint8Array(),
          })),
          closed: NextShardIterator === undefined,
        };
      iterator = NextShardIterator;
    }
    return { records: [], closed: iterator === undefined };
  };
