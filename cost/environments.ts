import type { DynamoDBStreamEvent } from 'aws-lambda';
import { bind as bindAggregate } from '../functions/aggregate.ts';
import { bind as bindArchive } from '../functions/archive.ts';
import { authorize } from '../functions/authorize.ts';
import { bind as bindHeartbeat } from '../functions/heartbeat.ts';
import { bind as bindIngest } from '../functions/ingest.ts';
import { bind as bindLiveRows } from '../functions/live-rows.ts';
import { bind as bindMaterialize } from '../functions/materialize.ts';
import { onOwnUrl } from '../functions/middleware/on-own-url.ts';
import { onStream } from '../functions/middleware/on-stream.ts';
import { push } from '../functions/push.ts';
import { bind as bindRecompute } from '../functions/recompute.ts';
import { apiGatewayPost } from '../shared/adapters/aws/api-gateway-post.ts';
import { dynamodbCells } from '../shared/adapters/aws/dynamodb-cells.ts';
import { dynamodbEntities } from '../shared/adapters/aws/dynamodb-entities.ts';
import { keysFromDynamodb } from '../shared/adapters/aws/dynamodb-keys.ts';
import { dynamodbLiveConnections } from '../shared/adapters/aws/dynamodb-live-connections.ts';
import { firehose } from '../shared/adapters/aws/firehose.ts';
import { kinesisLog } from '../shared/adapters/aws/kinesis.ts';
import { fromKinesis } from '../shared/adapters/aws/kinesis-records.ts';
import { startFunction } from '../shared/adapters/aws/lambda.ts';
import { lambdaHandler } from '../shared/adapters/aws/lambda-handler.ts';
import { powertoolsTelemetry } from '../shared/adapters/aws/powertools.ts';
import { s3 } from '../shared/adapters/aws/s3.ts';
import { ssmTokens } from '../shared/adapters/aws/ssm-tokens.ts';
import { lease } from '../shared/batch/lease.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { fixedSettings } from '../shared/platforms/aws-settings.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { SqlEngine } from '../shared/ports/sql-engine.ts';
import type { CallContext } from '../shared/request/http.ts';
import { type Handler, itemOfFunction } from './lambda.ts';
import type { Services } from './services.ts';
import type { Stage } from './stage.ts';

export type FunctionName = 'authorize' | 'ingest' | 'aggregate' | 'archive' | 'materialize' | 'heartbeat' | 'push' | 'recompute';

export interface EnvironmentOptions {
  readonly pipeline: Pipeline;
  readonly stage: Stage;
  readonly services: Services;
  readonly engine: SqlEngine;
  readonly random: () => number;
}

const MAX_APPEND_MS = 10_000;
/** One, so that what the played epoch leaves behind is retired by the generation after it; a stage keeps more, and retires as much each time. */
const KEPT_GENERATIONS = 1;

/** A function in an execution environment of its own: adapters and handler are made anew, and what they remember is theirs alone. */
export const environment = (name: FunctionName, { pipeline, stage, services, engine, random }: EnvironmentOptions): Handler => {
  const { clock, sleep } = services.time;
  const telemetry = powertoolsTelemetry({ service: 'twinstream-prod', level: 'info', clock });
  const dynamodb = services.dynamodb.client(name);
  const store = dynamodbCells({ client: dynamodb, table: 'cells', clock, sleep, random });
  const log = kinesisLog({ client: services.kinesis.client(), stream: 'log', lanes: stage.lanes.count, clock, sleep, random, maxWaitMs: MAX_APPEND_MS });
  const quarantine = firehose({ client: services.firehose, stream: 'quarantine', sleep, random });
  const lake = s3({ client: services.s3.client(itemOfFunction(name)), bucket: 'lake' });
  const settings = {
    ...fixedSettings(stage.functions[name]?.memoryMb ?? 512),
    epochLengthMs: stage.epochMs,
    duplicateWindowMs: stage.duplicateWindowMs,
    keepGenerations: KEPT_GENERATIONS,
    recomputeEveryMs: stage.recomputeMs,
    heartbeatEveryMs: stage.heartbeatMs,
  };
  const platform = {
    clock,
    settings: () => settings,
    telemetry: () => telemetry,
    eventLog: () => log,
    lanes: () => stage.lanes,
    readLog: () => null,
    cellStore: () => store,
    entityStore: () => dynamodbEntities({ client: dynamodb, table: 'entities', sleep, random }),
    lake: () => lake,
    lakeUri: (key: string) => `s3://lake/${key}`,
    compactsRaw: false,
    sqlEngine: () => engine,
    quarantine: () => quarantine,
    tokens: () => ssmTokens({ client: services.ssm, path: services.tokenPath }),
    alone: lease({ store, clock, name: 'recompute' }),
    startRecompute: (depth = 0) => startFunction({ client: services.lambda, name: 'recompute' })({ depth }),
  } satisfies Partial<Platform>;
  const onLambda = <E, R>(handle: (event: E, context: CallContext) => Promise<R>): Handler => lambdaHandler(handle, telemetry) as Handler;
  switch (name) {
    case 'authorize':
      return onLambda(authorize({ tokens: platform.tokens(), clock, telemetry }));
    case 'ingest':
      return onLambda(onOwnUrl(bindIngest(pipeline, platform), { name: 'ingest', tokens: platform.tokens, clock, telemetry }));
    case 'aggregate':
      return onLambda(onStream(fromKinesis, bindAggregate(pipeline, platform)));
    case 'archive':
      return onLambda(onStream(fromKinesis, bindArchive(platform)));
    case 'materialize':
      return onLambda(onStream(fromKinesis, bindMaterialize(pipeline, platform)));
    case 'heartbeat':
      return onLambda(bindHeartbeat(platform));
    case 'push': {
      const connections = dynamodbLiveConnections({ client: dynamodb, table: 'live', clock });
      const post = apiGatewayPost({ client: services.sockets });
      const send = push({ pipeline, rowsOf: bindLiveRows(pipeline, platform), connections, post, clock, telemetry });
      return onLambda((event: DynamoDBStreamEvent, context) => send(keysFromDynamodb(event), context));
    }
    case 'recompute':
      return onLambda(bindRecompute(pipeline, platform));
  }
};

/** E environments of each function: a call finds any of them, as it does on Lambda, if it is not for a certain one. */
export const environments = (count: number, options: EnvironmentOptions): ((name: FunctionName, which?: number) => Handler) => {
  const made = new Map<string, Handler>();
  return (name, which = Math.floor(options.random() * count)) => {
    const key = `${name} ${which}`;
    let handler = made.get(key);
    if (handler === undefined) made.set(key, (handler = environment(name, options)));
    return handler;
  };
};
