import type { KinesisStreamEvent } from 'aws-lambda';
import type { ShardRecords } from '../../shared/ports/log-reader.ts';

/** Records as the event source mapping of a Kinesis stream hands them to Lambda (docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html). */
export const kinesisEvent = ({ shard, records }: ShardRecords): KinesisStreamEvent => ({
  Records: records.map(({ sequenceNumber, lane, arrivedAtMs, data }) => ({
    awsRegion: 'eu-central-1',
    eventID: `${shard}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    eventSourceARN: 'arn:aws:kinesis:eu-central-1:000000000000:stream/twinstream',
    eventVersion: '1.0',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/twinstream',
    kinesis: {
      approximateArrivalTimestamp: arrivedAtMs / 1000,
      data: Buffer.from(data).toString('base64'),
      kinesisSchemaVersion: '1.0',
      partitionKey: lane,
      sequenceNumber,
    },
  })),
});
