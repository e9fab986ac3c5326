import type { DynamoDBStreamEvent, KinesisStreamEvent } from 'aws-lambda';
import { kinesisEvent } from '../shared/adapters/aws/kinesis-event.ts';
import type { ChangeRecord } from '../shared/ports/change-reader.ts';
import type { LogRecord } from '../shared/ports/log-reader.ts';
import type { StreamSource } from './poller.ts';

/** The log, as Lambda hands over Kinesis records. */
export const kinesisSource: StreamSource<LogRecord, KinesisStreamEvent> = {
  bytesOf: ({ data }) => data.length,
  eventOf: kinesisEvent,
};

/** The entity store's changes, as Lambda hands over a DynamoDB stream. Old images are missing where the store keeps none. */
export const changeSource: StreamSource<ChangeRecord, DynamoDBStreamEvent> = {
  bytesOf: ({ bytes }) => bytes,
  eventOf: (shard, records) => ({
    Records: records.map(({ sequenceNumber, arrivedAtMs, bytes, before, after }) => ({
      awsRegion: 'local',
      eventID: `${shard}:${sequenceNumber}`,
      eventName: after === null ? 'REMOVE' : before === null && after._version?.N === '1' ? 'INSERT' : 'MODIFY',
      eventSource: 'aws:dynamodb',
      eventSourceARN: 'arn:aws:dynamodb:local:000000000000:table/twinstream-entities/stream/local',
      eventVersion: '1.1',
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(arrivedAtMs / 1000),
        Keys: { _id: (after ?? before)?._id ?? { S: '' } },
        SequenceNumber: sequenceNumber,
        SizeBytes: bytes,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
        ...(before === null ? {} : { OldImage: before }),
        ...(after === null ? {} : { NewImage: after }),
      },
    })),
  }),
};
