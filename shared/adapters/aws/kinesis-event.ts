import type { KinesisStreamEvent } from 'aws-lambda';
import type { LogRecord } from '../../ports/log-reader.ts';

/** Records of the log as Lambda hands over those of Kinesis. */
export const kinesisEvent = (shard: string, records: readonly LogRecord[]): KinesisStreamEvent => ({
  Records: records.map(({ sequenceNumber, partitionKey, arrivedAtMs, data }) => ({
    awsRegion: 'local',
    eventID: `${shard}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    eventSourceARN: 'arn:aws:kinesis:local:000000000000:stream/twinstream',
    eventVersion: '1.0',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/local',
    kinesis: {
      approximateArrivalTimestamp: arrivedAtMs / 1000,
      data: Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64'),
      kinesisSchemaVersion: '1.0',
      partitionKey,
      sequenceNumber,
    },
  })),
});
