import type { KinesisStreamEvent } from 'aws-lambda';
import type { LogRecord } from '../../shared/ports/log-reader.ts';

/** A batch as Lambda hands it over. */
export const kinesisEvent = (shard: string, records: readonly LogRecord[]): KinesisStreamEvent => ({
  Records: records.map(({ sequenceNumber, partitionKey, arrivedAtMs, data }) => ({
    awsRegion: 'us-east-1',
    eventID: `${shard}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/test',
    eventVersion: '1.0',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/test',
    kinesis: {
      approximateArrivalTimestamp: arrivedAtMs / 1000,
      data: Buffer.from(data).toString('base64'),
      kinesisSchemaVersion: '1.0',
      partitionKey,
      sequenceNumber,
    },
  })),
});
