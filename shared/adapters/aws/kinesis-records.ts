import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import type { BatchOutcome, LogRecord, ShardRecords } from '../../ports/log-reader.ts';

// Batches of a stream, as Lambda gets them from its event source mapping (docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html).

/** The records of a batch, all from one shard. @throws {TypeError} if they are not; all of them are then retried. */
export const fromKinesis = ({ Records }: KinesisStreamEvent): ShardRecords => {
  const shard = shardOf(Records[0]?.eventID ?? '');
  const records = Records.map(({ eventID, kinesis }): LogRecord => {
    if (shardOf(eventID) !== shard) throw new TypeError(`Expected records of one shard, got ${shard} and ${eventID}`);
    return {
      sequenceNumber: kinesis.sequenceNumber,
      lane: kinesis.partitionKey,
      arrivedAtMs: Math.round(kinesis.approximateArrivalTimestamp * 1000),
      data: Buffer.from(kinesis.data, 'base64'),
    };
  });
  return { shard, records };
};

/** Lambda retries from the lowest item that is named. */
export const toBatchFailures = ({ failedFrom }: BatchOutcome): KinesisStreamBatchResponse => ({
  batchItemFailures: failedFrom === null ? [] : [{ itemIdentifier: failedFrom }],
});

/** Event ids are `shard:sequence number`. */
const shardOf = (eventId: string): string => eventId.split(':')[0] ?? '';
