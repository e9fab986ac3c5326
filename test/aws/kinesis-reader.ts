import { GetRecordsCommand, GetShardIteratorCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { EventLog } from '../../shared/ports/event-log.ts';
import type { LogReader, LogRecord } from '../../shared/ports/log-reader.ts';

export interface KinesisReaderOptions {
  readonly client: KinesisClient;
  readonly stream: string;
  readonly log: Pick<EventLog, 'shards'>;
}

/** Reads a Kinesis stream as the event source mapping does on AWS, so that the host's own poller can be run over it. */
export const kinesisReader = ({ client, stream, log }: KinesisReaderOptions): LogReader => ({
  shards: log.shards,
  read: async (shard, after, limits) => {
    const from =
      after === ''
        ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
        : ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: after } as const);
    let { ShardIterator } = await client.send(new GetShardIteratorCommand({ StreamName: stream, ShardId: shard, ...from }));
    for (;;) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator, Limit: Math.min(limits.records, 10_000) }));
      const all = (page.Records ?? []).map(
        ({ SequenceNumber = '', PartitionKey = '', ApproximateArrivalTimestamp, Data = new Uint8Array() }): LogRecord => ({
          sequenceNumber: SequenceNumber,
          lane: PartitionKey,
          arrivedAtMs: ApproximateArrivalTimestamp?.getTime() ?? 0,
          data: Data,
        }),
      );
      ShardIterator = page.NextShardIterator;
      // An empty page may come before the shard's end.
      if (all.length === 0 && ShardIterator !== undefined && (page.MillisBehindLatest ?? 0) > 0) continue;
      const records = within(limits.bytes, all);
      return { records, closed: ShardIterator === undefined && records.length === all.length };
    }
  },
});

/** As many as fit, and one at least. */
const within = (bytes: number, records: readonly LogRecord[]): readonly LogRecord[] => {
  let sum = 0;
  const tooMuch = records.findIndex(({ data }, i) => (sum += data.length) > bytes && i > 0);
  return tooMuch === -1 ? records : records.slice(0, tooMuch);
};
