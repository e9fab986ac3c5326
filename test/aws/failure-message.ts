import type { LogRecord } from '../../shared/ports/log-reader.ts';

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
