import { randomUUID } from 'node:crypto';
import type { LogRecord } from '../../shared/ports/log-reader.ts';

/** The same as an object in S3, where Lambda adds the event: its key and its text. */
export const failureObject = (shard: string, records: readonly LogRecord[]): { key: string; text: string } => {
  const now = new Date().toISOString();
  const event = {
    Records: records.map(({ sequenceNumber, lane, arrivedAtMs, data }) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: lane,
        sequenceNumber,
        data: Buffer.from(data).toString('base64'),
        approximateArrivalTimestamp: arrivedAtMs / 1_000,
      },
      eventSource: 'aws:kinesis',
      eventID: `${shard}:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
    })),
  };
  return {
    key: `aws/lambda/${randomUUID()}/${shard}/${now.slice(0, 10).replaceAll('-', '/')}/${now.slice(0, 19).replaceAll(':', '.')}-${randomUUID()}`,
    text: JSON.stringify({ ...JSON.parse(failureMessage(shard, records)), payload: JSON.stringify(event) }),
  };
};

/** What Lambda sends to a Kinesis event source mapping's failure destination (docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html). */
export const failureMessage = (shard: string, records: readonly LogRecord[]): string =>
  JSON.stringify({
    requestContext: {
      requestId: 'c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5',
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:twinstream-test-archive',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 3,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: new Date().toISOString(),
    KinesisBatchInfo: {
      shardId: shard,
      startSequenceNumber: records[0]?.sequenceNumber ?? '1',
      endSequenceNumber: records.at(-1)?.sequenceNumber ?? '1',
      approximateArrivalOfFirstRecord: new Date(records[0]?.arrivedAtMs ?? 0).toISOString(),
      approximateArrivalOfLastRecord: new Date(records.at(-1)?.arrivedAtMs ?? 0).toISOString(),
      batchSize: Math.max(1, records.length),
      streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/log',
    },
  });
