import { apiGatewayClient, apiGatewayPost } from '../adapters/aws/api-gateway-post.ts';
import { athena, athenaClient } from '../adapters/aws/athena.ts';
import { deadLettersOnAws } from '../adapters/aws/dead-letters.ts';
import { deadLettersInLake } from '../adapters/aws/dead-letters-lake.ts';
import { deadLettersSqs, sqsClient } from '../adapters/aws/dead-letters-sqs.ts';
import { dynamodbClient } from '../adapters/aws/dynamodb.ts';
import { dynamodbCells } from '../adapters/aws/dynamodb-cells.ts';
import { dynamodbEntities } from '../adapters/aws/dynamodb-entities.ts';
import { dynamodbLiveConnections } from '../adapters/aws/dynamodb-live-connections.ts';
import { firehose, firehoseClient } from '../adapters/aws/firehose.ts';
import { kinesisClient, kinesisLog } from '../adapters/aws/kinesis.ts';
import { kinesisRange } from '../adapters/aws/kinesis-range.ts';
import { kinesisTail } from '../adapters/aws/kinesis-tail.ts';
import { lambdaClient, startFunction } from '../adapters/aws/lambda.ts';
import { lambdaHandler } from '../adapters/aws/lambda-handler.ts';
import { powertoolsTelemetry } from '../adapters/aws/powertools.ts';
import { s3, s3Client } from '../adapters/aws/s3.ts';
import { readParameter } from '../adapters/aws/ssm-parameter.ts';
import { ssmClient, ssmTokens } from '../adapters/aws/ssm-tokens.ts';
import { opensearch, opensearchClient } from '../adapters/opensearch/opensearch.ts';
import { type Alone, lease } from '../batch/lease.ts';
import type { Lanes } from '../log/lane.ts';
import type { LiveConnections, LivePost } from '../ports/live-connections.ts';
import type { LogReader } from '../ports/log-reader.ts';
import type { SearchIndex } from '../ports/search-index.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import type { RejectedCount } from '../quarantine/count.ts';
import type { HealthKept, IndexLag } from '../query/health.ts';
import type { CallContext } from '../request/http.ts';
import { readAwsSettings } from './aws-settings.ts';
import { once } from './once.ts';

/** The ports on AWS. A function creates those that it needs, once in each execution environment; its zip contains no others (PURE). */

/** An HTTP call has 30 s in all. */
const MAX_APPEND_MS = 10_000;
/** Athena's own limit; a run that ends before a query does leaves it to the next one. */
const MAX_QUERY_MS = 1_800_000;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const random = Math.random;

export const clock = Date.now;
export const settings = /* @__PURE__ */ once(() => readAwsSettings(process.env));
export const telemetry = /* @__PURE__ */ once(() => powertoolsTelemetry({ service: settings().service, level: settings().logLevel, clock }));
export const lanes = (): Lanes => settings().lanes;
export const eventLog = /* @__PURE__ */ once(() =>
  kinesisLog({ client: kinesisClient(), stream: settings().logStream, lanes: lanes().count, clock, sleep, random, maxWaitMs: MAX_APPEND_MS }),
);
/** Raw files are S3 objects; one that was deleted can be restored from its versions. */
export const readLog = (): LogReader['read'] | null => null;
/** For calls that end within seconds: what the archive, which collects for minutes, has not written yet. */
export const readTail = /* @__PURE__ */ once(() => kinesisTail({ client: kinesisClient(), stream: settings().logStream, sleep }));
/** Kinesis has its own clock: for functions that need nothing else of the log. */
export const logStatus = async () => ({ aheadMs: 0, floorMs: 0 });
export const cellStore = /* @__PURE__ */ once(() => dynamodbCells({ client: dynamodbClient(), table: settings().cellTable, clock, sleep, random }));
export const entityStore = /* @__PURE__ */ once(() => dynamodbEntities({ client: dynamodbClient(), table: settings().entityTable, sleep, random }));
/** Null if the stage has no search. */
export const searchIndex = /* @__PURE__ */ once((): SearchIndex | null => {
  const { search, service } = settings();
  if (search === null) return null;
  const readCredentials = () => readParameter({ client: ssmClient(), name: search.credentials ?? '' });
  return opensearch({
    client: once(() => opensearchClient({ ...search, readCredentials })),
    isServerless: search.service === 'aoss',
    prefix: service,
    clock,
    sleep,
    random,
  });
});
/** The stores have their own alarms for being full. */
export const room = (): null => null;
/** Lambda reports it itself: IteratorAge of index-entities. */
export const indexLag: IndexLag | null = null;
/** Each environment of the function keeps its own. S3 loses no file by itself, so what somebody removed may be noticed later. */
export const healthKept: HealthKept = { reportMs: 5_000, filesMs: 600_000 };
/** CloudWatch has the figure. */
export const rejected: RejectedCount | null = null;
export const lake = /* @__PURE__ */ once(() => s3({ client: s3Client(), bucket: settings().lakeBucket }));
export const lakeUri = (key: string): string => `s3://${settings().lakeBucket}/${key}`;
/** A run whose lease expired may still be reading. */
export const compactsRaw: boolean = false;
export const sqlEngine = /* @__PURE__ */ once(() =>
  athena({
    client: athenaClient(),
    workgroup: settings().athenaWorkgroup,
    database: settings().glueDatabase,
    bucket: settings().lakeBucket,
    clock,
    sleep,
    timeoutMs: MAX_QUERY_MS,
    onScanned: (bytes) => telemetry().count('scanned_bytes', bytes),
  }),
);
/** Athena has no memory to share. */
export const explainEngine = (): SqlEngine => sqlEngine();
export const quarantine = /* @__PURE__ */ once(() => firehose({ client: firehoseClient(), stream: settings().quarantineStream, sleep, random }));
export const deadLetters = /* @__PURE__ */ once(() => {
  const readLog = kinesisRange({ client: kinesisClient(), stream: settings().logStream, sleep });
  return deadLettersOnAws({
    queued: deadLettersSqs({ client: sqsClient(), queues: settings().deadLetterQueues, readLog }),
    stored: deadLettersInLake({ lake: lake(), consumer: 'archive', readLog }),
  });
});
export const tokens = /* @__PURE__ */ once(() => ssmTokens({ client: ssmClient(), path: settings().tokenPath }));
/** Null in a function that has no part in live numbers, and on a stage that has none. */
export const liveConnections = /* @__PURE__ */ once((): LiveConnections | null => {
  const { liveTable } = settings();
  return liveTable === null ? null : dynamodbLiveConnections({ client: dynamodbClient(), table: liveTable, clock });
});
export const livePost = /* @__PURE__ */ once((): LivePost | null => {
  const { liveEndpoint } = settings();
  return liveEndpoint === null ? null : apiGatewayPost({ client: apiGatewayClient(liveEndpoint) });
});
export const liveUrl = (): string | null => settings().liveUrl;
/** Two runs may be started at the same time: reserved concurrency, which would prevent it, is not available to new accounts. */
export const alone: Alone = (endsWithinMs, work) => holder()(endsWithinMs, work);
const holder = /* @__PURE__ */ once(() => lease({ store: cellStore(), clock, name: 'recompute' }));
export const startRecompute = (depth = 0): Promise<void> => recomputeStarter()({ depth });
const recomputeStarter = /* @__PURE__ */ once(() => startFunction({ client: lambdaClient(), name: settings().recomputeFunction }));
export const hasSearch = (): boolean => settings().search !== null;
/** As requested through the API. */
export const requestReindex = (request: unknown): Promise<void> => startReindex(request);
export const startReindex = (request: unknown): Promise<void> => reindexStarter()(request);
const reindexStarter = /* @__PURE__ */ once(() => startFunction({ client: lambdaClient(), name: settings().reindexFunction }));

/** A handler as Lambda calls it. It is created while its environment starts, which has a full CPU and happens before the first call. */
export const onLambda = <E, R>(make: () => (event: E, context: CallContext) => Promise<R>) => lambdaHandler(make(), telemetry());
