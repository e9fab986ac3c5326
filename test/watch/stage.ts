import type { Context } from 'aws-lambda';
import { powertoolsTelemetry } from '../../shared/adapters/aws/powertools.ts';
import type { Consumer } from '../../shared/ports/log-reader.ts';
import { type System, system } from '../support/system.ts';
import type { Parts } from '../support/system-platform.ts';
import { hits } from '../support/world.ts';
import { type Datum, printedBy, readEmbedded } from './cloudwatch.ts';
import type { Template } from './template.ts';

const DOCUMENTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS/Lambda': {
    Invocations: 'FunctionName',
    Errors: 'FunctionName',
    Throttles: 'FunctionName',
    IteratorAge: 'FunctionName',
    RecursiveInvocationsDropped: 'FunctionName',
    // Of a mapping that has MetricsConfig.
    OnFailureDestinationDeliveredEventCount: 'EventSourceMappingUUID',
    DroppedEventCount: 'EventSourceMappingUUID',
  },
  'AWS/ApiGateway': { Count: 'ApiId', '5xx': 'ApiId' },
  'AWS/Kinesis': { WriteProvisionedThroughputExceeded: 'StreamName', ReadProvisionedThroughputExceeded: 'StreamName' },
  'AWS/DynamoDB': { WriteThrottleEvents: 'TableName', ReadThrottleEvents: 'TableName' },
  'AWS/SQS': { ApproximateNumberOfMessagesVisible: 'QueueName' },
  'AWS/Firehose': { 'DeliveryToS3.DataFreshness': 'DeliveryStreamName', ThrottledRecords: 'DeliveryStreamName' },
};

/** A stage: the real functions, their telemetry as on AWS, and what CloudWatch knows of both. */
export const stage = async (template: Template) => {
  const { functionOf, onlyId } = template;
  const world: System = await system({ pipeline: hits, shards: 2, startMs: Date.parse('2026-11-21T10:00:30Z') });
  const telemetry = powertoolsTelemetry({ service: functionOf('aggregate').service, level: 'error', clock: world.clock });
  telemetry.begin({ functionName: 'any', awsRequestId: '1' } as Context);
  const deploy = (changed: Partial<Parts>) => world.deploy(hits, { telemetry, ...changed });
  deploy({});
  const data: Datum[] = [];
  const note = (namespace: string, metric: string, name: string, value: number): void => {
    const dimension = DOCUMENTED[namespace]?.[metric];
    if (dimension === undefined) throw new Error(`Expected a metric that AWS documents, got ${namespace} ${metric}`);
    data.push({ namespace, metric, dimensions: { [dimension]: name }, value, atMs: world.clock() });
  };
  /** An invocation, as Lambda counts it. */
  const invoke = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const { error, lines } = await printedBy(async () => {
      try {
        return await work();
      } finally {
        telemetry.end();
      }
    });
    data.push(...lines.flatMap((line) => readEmbedded(line, world.clock())));
    note('AWS/Lambda', 'Invocations', functionOf(name).name, 1);
    note('AWS/Lambda', 'Errors', functionOf(name).name, error === null ? 0 : 1);
  };
  const post = async (body: string): Promise<void> => {
    await invoke('ingest', async () => {
      const { status } = await world.post('/events/hit', body, { 'content-type': 'application/x-ndjson' });
      note('AWS/ApiGateway', 'Count', onlyId('AWS::ApiGatewayV2::Api'), 1);
      note('AWS/ApiGateway', '5xx', onlyId('AWS::ApiGatewayV2::Api'), status >= 500 ? 1 : 0);
    });
  };
  const consume = async (...consumers: readonly Consumer[]): Promise<void> => {
    for (const consumer of consumers)
      for (const { id } of await world.log.shards()) {
        const records = await world.waiting(consumer, id);
        const last = records.at(-1);
        if (last === undefined) continue;
        note('AWS/Lambda', 'IteratorAge', functionOf(consumer).name, world.clock() - last.arrivedAtMs);
        await invoke(consumer, () => world.functions()[consumer]({ shard: id, records }));
      }
  };
  const heartbeat = () => invoke('heartbeat', () => world.heartbeat());
  const recompute = () => invoke('recompute', () => world.recompute());
  return { template, world, telemetry, data, deploy, note, invoke, post, consume, heartbeat, recompute };
};
export type Stage = Awaited<ReturnType<typeof stage>>;

export const event = (page: string) => JSON.stringify({ at: '2026-11-21T09:00:00Z', page, n: 1 });
