import type { Stage } from './stage.ts';

export type Cause = (stage: Stage) => Promise<void>;

const happens =
  (namespace: string, metric: string, name: (template: Stage['template']) => string, value = 1): Cause =>
  async ({ note, template }) =>
    note(namespace, metric, name(template), value);

/** What happens within AWS alone, and is only noted here. */
export const AWS_CAUSES: Readonly<Record<string, Cause>> = {
  IngestThrottlesAlarm: happens('AWS/Lambda', 'Throttles', ({ functionOf }) => functionOf('ingest').name),
  QueryThrottlesAlarm: happens('AWS/Lambda', 'Throttles', ({ functionOf }) => functionOf('query').name),
  AggregateThrottlesAlarm: happens('AWS/Lambda', 'Throttles', ({ functionOf }) => functionOf('aggregate').name),
  ArchiveThrottlesAlarm: happens('AWS/Lambda', 'Throttles', ({ functionOf }) => functionOf('archive').name),
  MaterializeThrottlesAlarm: happens('AWS/Lambda', 'Throttles', ({ functionOf }) => functionOf('materialize').name),
  LogThrottlesAlarm: happens('AWS/Kinesis', 'WriteProvisionedThroughputExceeded', ({ onlyId }) => onlyId('AWS::Kinesis::Stream')),
  LogReadThrottlesAlarm: happens('AWS/Kinesis', 'ReadProvisionedThroughputExceeded', ({ onlyId }) => onlyId('AWS::Kinesis::Stream')),
  CellsWriteThrottlesAlarm: happens('AWS/DynamoDB', 'WriteThrottleEvents', () => 'Cells'),
  CellsReadThrottlesAlarm: happens('AWS/DynamoDB', 'ReadThrottleEvents', () => 'Cells'),
  EntitiesWriteThrottlesAlarm: happens('AWS/DynamoDB', 'WriteThrottleEvents', () => 'Entities'),
  EntitiesReadThrottlesAlarm: happens('AWS/DynamoDB', 'ReadThrottleEvents', () => 'Entities'),
  QuarantineThrottlesAlarm: happens('AWS/Firehose', 'ThrottledRecords', ({ onlyId }) => onlyId('AWS::KinesisFirehose::DeliveryStream')),
  RecomputeLoopsAlarm: happens('AWS/Lambda', 'RecursiveInvocationsDropped', ({ functionOf }) => functionOf('recompute').name),
  ReindexLoopsAlarm: happens('AWS/Lambda', 'RecursiveInvocationsDropped', ({ functionOf }) => functionOf('reindex').name),
  ArchiveDroppedAlarm: happens('AWS/Lambda', 'DroppedEventCount', ({ mappingIdOf }) => mappingIdOf('archive')),
  QuarantineBehindAlarm: happens('AWS/Firehose', 'DeliveryToS3.DataFreshness', ({ onlyId }) => onlyId('AWS::KinesisFirehose::DeliveryStream'), 901),
  ReindexDeadLettersAlarm: happens('AWS/SQS', 'ApproximateNumberOfMessagesVisible', ({ lettersOf }) => lettersOf('Reindex')),
};
