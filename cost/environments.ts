import { aggregate } from '../functions/aggregate.ts';
import { archive } from '../functions/archive.ts';
import { authorize } from '../functions/authorize.ts';
import { heartbeat } from '../functions/heartbeat.ts';
import { ingest } from '../functions/ingest.ts';
import { materialize } from '../functions/materialize.ts';
import { onOwnUrl } from '../functions/middleware/on-own-url.ts';
import { onStream } from '../functions/middleware/on-stream.ts';
import { recompute } from '../functions/recompute.ts';
import { dynamodbCells } from '../shared/adapters/aws/dynamodb-cells.ts';
import { dynamodbEntities } from '../shared/adapters/aws/dynamodb-entities.ts';
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
import type { SqlEngine } from '../shared/ports/sql-engine.ts';
import type { CallContext } from '../shared/request/http.ts';
import { CELL_PART_BYTES } from '../shared/speed/cell-parts.ts';
import { type Handler, itemOfFunction } from './lambda.ts';
import type { Services } from './services.ts';
import type { Stage } from './stage.ts';

export type FunctionName = 'authorize' | 'ingest' | 'aggregate' | 'archive' | 'materialize' | 'heartbeat' | 'recompute';

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
  const telemetry = powertoolsTelemetry({ service: 'twinstream-prod', level: 'info' });
  const dynamodb = services.dynamodb.client(name);
  const store = dynamodbCells({ client: dynamodb, table: 'cells', clock, sleep, random });
  const log = kinesisLog({ client: services.kinesis.client(), stream: 'log', lanes: stage.lanes.count, clock, sleep, random, maxWaitMs: MAX_APPEND_MS });
  const quarantine = firehose({ client: services.firehose, stream: 'quarantine', sleep, random });
  const lake = s3({ client: services.s3.client(itemOfFunction(name)), bucket: 'lake' });
  const tokens = () => ssmTokens({ client: services.ssm, path: services.tokenPath });
  const of = {
    epochLengthMs: stage.epochMs,
    duplicateWindowMs: stage.duplicateWindowMs,
    cacheBytes: ((stage.functions[name]?.memoryMb ?? 512) * 2 ** 20) / 2,
    writeUnitBytes: 1_024,
  };
  const onLambda = <E, R>(handle: (event: E, context: CallContext) => Promise<R>): Handler => lambdaHandler(handle, telemetry) as Handler;
  switch (name) {
    case 'authorize':
      return onLambda(authorize({ tokens: tokens(), clock, telemetry }));
    case 'ingest':
      return onLambda(onOwnUrl(ingest({ pipeline, telemetry, log, quarantine, lanes: stage.lanes, clock }), { name: 'ingest', tokens, clock, telemetry }));
    case 'aggregate':
      return onLambda(onStream(fromKinesis, aggregate({ pipeline, telemetry, store, log, quarantine, clock, cellPartBytes: CELL_PART_BYTES, ...of })));
    case 'archive':
      return onLambda(onStream(fromKinesis, archive({ telemetry, store, log, lake, clock, epochLengthMs: stage.epochMs })));
    case 'materialize': {
      const entities = dynamodbEntities({ client: dynamodb, table: 'entities', sleep, random });
      return onLambda(onStream(fromKinesis, materialize({ pipeline, telemetry, store, entities, log, quarantine, clock, ...of })));
    }
    case 'heartbeat':
      return onLambda(heartbeat({ log, store, clock, telemetry }));
    case 'recompute':
      return onLambda(
        recompute({
          pipeline,
          telemetry,
          store,
          log,
          readLog: null,
          lake,
          engine,
          clock,
          ...of,
          parallel: 4,
          keep: KEPT_GENERATIONS,
          retryMs: stage.recomputeMs,
          uriOf: (key) => `s3://lake/${key}`,
          compactsRaw: false,
          startRecompute: () => startFunction({ client: services.lambda, name: 'recompute' })({}),
          alone: lease({ store, clock, name: 'recompute' }),
        }),
      );
  }
};

/** E environments of each function: a call finds any of them, as it does on Lambda. */
export const environments = (count: number, options: EnvironmentOptions): ((name: FunctionName) => Handler) => {
  const made = new Map<string, Handler>();
  return (name) => {
    const key = `${name} ${Math.floor(options.random() * count)}`;
    let handler = made.get(key);
    if (handler === undefined) made.set(key, (handler = environment(name, options)));
    return handler;
  };
};
