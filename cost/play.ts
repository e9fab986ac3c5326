import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbLiveConnections } from '../shared/adapters/aws/dynamodb-live-connections.ts';
import { folder } from '../shared/adapters/files/folder.ts';
import { createToken } from '../shared/auth/tokens.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { batchEngine, type Statement } from './batch-engine.ts';
import { captureLines } from './captured.ts';
import { changes } from './changes.ts';
import { environments, type FunctionName } from './environments.ts';
import { lambda } from './lambda.ts';
import { type Ledger, ledger as newLedger } from './ledger.ts';
import { type Breach, limits as newLimits } from './limits.ts';
import { type Load, loadOf } from './load.ts';
import { type Batch, mappings } from './mappings.ts';
import { noteSeenBefore } from './seen-before.ts';
import { GB } from './services/kinesis.ts';
import { NOWHERE, standIn } from './services/stand-in.ts';
import { COMPARED, services as newServices } from './services.ts';
import type { Stage } from './stage.ts';
import { virtualTime } from './virtual-time.ts';

export interface PlayOptions extends Load {
  readonly pipeline: Pipeline;
  readonly stage: Stage;
  readonly shards: number;
  readonly environments: number;
  /** Pages that follow every metric, if the stage pushes live numbers. */
  readonly followers: number;
  /** How long the load is played and counted. Whole minutes, as the windows are. */
  readonly seconds: number;
  readonly sample: string;
  readonly random: () => number;
}
export interface Played {
  readonly ledger: Ledger;
  readonly breaches: readonly Breach[];
  readonly events: number;
  /** The statements of one generation, and of how many events, in how many seconds, it is. */
  readonly statements: readonly Statement[];
  readonly statementEvents: number;
  readonly statementSeconds: number;
  /** Names of metrics that functions have written. */
  readonly metrics: number;
  /** Bytes that the play has left in the cell store and the entity store. */
  readonly left: {
    readonly seen: number;
    readonly seenByMaterialize: number;
    readonly cells: number;
    readonly slicesOfEpoch: number;
    readonly entities: ReadonlyMap<string, number>;
  };
}

export const MONTH_S = 730 * 3_600;
/** The first events, a generation of them, the counted load in the middle of an epoch, and a generation of that. */
const FIRST_AT_MS = Date.UTC(2026, 10, 30, 10, 30);
const FIRST_GENERATION_AT_MS = Date.UTC(2026, 10, 30, 11, 5);
const PLAY_AT_MS = Date.UTC(2026, 10, 30, 11, 30);
const BATCH_AT_MS = Date.UTC(2026, 10, 30, 13, 5);
const FIRST_S = 20;
/** How often each environment has met each shard before the load is counted, on average, if that takes no more than so many events. */
const MEETINGS = 3;
const MAX_WARM_EVENTS = 500_000;
/** Lambda ends an environment after some hours; the one after it reads all that is noted of each shard that it meets. */
const ENVIRONMENT_MS = 2 * 3_600_000;
/** API Gateway keeps an authorizer's answer (`resultTtlInSeconds`). */
const AUTHORIZED_MS = 60_000;
const METER_BYTES = 512 * 1_024;
const ANSWER_HEADERS_BYTES = 300;
const MAX_READ_BYTES = 2 * 1_048_576;

/** Plays the load through the handlers, then an epoch's work of the batch layer, and counts. */
export const play = async (options: PlayOptions): Promise<Played> => {
  const root = mkdtempSync(join(tmpdir(), 'twinstream-cost-'));
  const captured = captureLines();
  try {
    return await played(options, join(root, 'lake'), captured.take);
  } finally {
    captured.release();
    rmSync(root, { recursive: true, force: true });
  }
};

const played = async (
  { pipeline, stage, shards, seconds, sample, random, ...of }: PlayOptions,
  root: string,
  take: () => readonly string[],
): Promise<Played> => {
  const [ledger, limits, time] = [newLedger(), newLimits(), virtualTime(FIRST_AT_MS)];
  let lines: readonly string[] = [];
  const functions = lambda({ stage, ledger, limits, time, takeLines: () => (lines = take()) });
  const { token, stored } = createToken('write');
  const services = newServices({
    ledger,
    limits,
    time,
    stage,
    shards,
    objects: folder({ root }),
    tokens: [stored],
    onRecords: (shard, records) => queues.add(shard, records, time.clock()),
    onCell: (item) => written.add(item, time.clock()),
  });
  const written = changes(stage);
  // A pipeline without entities has nothing to materialize, and no function for it.
  const consumers = [...(['aggregate', 'archive'] as const), ...(Object.keys(pipeline.entities).length === 0 ? [] : (['materialize'] as const))];
  const queues = mappings(stage, services.kinesis.ids, consumers);
  const statements: Statement[] = [];
  const engine = batchEngine(root, time, (statement) => statements.push(statement));
  const renewed = () => environments(of.environments, { pipeline, stage, services, engine, random });
  let environmentOf = renewed();
  const load = loadOf(of, sample, random);
  let authorizedUntilMs = 0;
  let events = 0;

  const call = async (name: FunctionName, atMs: number, event: string, environment?: number): Promise<unknown> => {
    time.set(atMs);
    return functions.call(name, environmentOf(name, environment), event);
  };
  const failed = (what: string): Error => new Error(`Expected ${what}, got:\n${lines.join('\n')}`);

  const consume = async ({ consumer, shard, atMs, records, event }: Batch, environment?: number): Promise<void> => {
    const fanOut = stage.fanOut && consumer !== 'archive';
    const of = fanOut ? consumer : 'all consumers that share it';
    for (const { data, arrivedAtMs } of records) {
      limits.perSecond(`Kinesis ${shard}`, `bytes read a second by ${of}`, data.byteLength, MAX_READ_BYTES, arrivedAtMs);
      const item = consumer === 'materialize' ? 'entities: log' : 'log';
      if (fanOut) ledger.count(item, stage.logMode === 'ON_DEMAND' ? 'kinesis.fanOutGb' : 'kinesis.fanOutShardGb', data.byteLength / GB);
      else if (stage.logMode === 'ON_DEMAND') ledger.count(item, 'kinesis.gbOut', data.byteLength / GB);
    }
    const { batchItemFailures } = (await call(consumer, atMs, event, environment)) as { readonly batchItemFailures: readonly unknown[] };
    if (batchItemFailures.length > 0) throw failed(`${consumer} to take its batch of ${shard}`);
  };
  const drain = async (untilMs: number, environment?: number): Promise<void> => {
    for (let batch = queues.next(untilMs); batch !== null; batch = queues.next(untilMs)) {
      await pushUntil(batch.atMs);
      await consume(batch, environment);
    }
    await pushUntil(untilMs);
  };
  /** It remembers nothing, so any environment will do. */
  const pushUntil = async (untilMs: number): Promise<void> => {
    for (let batch = written.next(untilMs); batch !== null; batch = written.next(untilMs)) await call('push', batch.atMs, batch.event, 0);
  };

  const post = async (atMs: number): Promise<void> => {
    const { event, bytes } = load.request(atMs, token, stage.ingestUrl);
    if (!stage.ingestUrl) {
      limits.perSecond('API', 'requests a second (requestsPerSecond)', 1, stage.requestsPerSecond, atMs);
      if (atMs >= authorizedUntilMs) {
        await call('authorize', atMs, event);
        authorizedUntilMs = atMs + AUTHORIZED_MS;
      }
      ledger.count('API', 'http.requests', Math.ceil(bytes / METER_BYTES));
      ledger.count('logs', 'logs.gb', stage.accessLogBytes / GB);
    }
    const { statusCode, body = '' } = (await call('ingest', atMs, event)) as { readonly statusCode: number; readonly body?: string };
    if (statusCode !== 202) throw failed(`202 for a request, got ${statusCode}: ${body}`);
    ledger.count('API', 'transfer.gbOut', (body.length + ANSWER_HEADERS_BYTES) / GB);
    events += of.batch;
  };
  const run = async (fromMs: number, forS: number): Promise<void> => {
    let atMs = fromMs;
    for (let left = Math.round((of.rate * forS) / of.batch); left > 0; left--) {
      atMs = load.nextMs(atMs);
      await drain(atMs);
      await post(atMs);
    }
    await drain(Number.MAX_SAFE_INTEGER);
  };
  /** As its schedule starts it, and then as it starts itself. */
  const recompute = async (atMs: number): Promise<void> => {
    for (let runs = 1; runs > 0; runs = services.started.splice(0).length) {
      const generation = (await call('recompute', atMs, '{}')) as { readonly state?: string } | null;
      if (generation?.state === 'failed' || lines.some((line) => line.includes('"level":"ERROR"'))) throw failed('a generation to be published');
    }
  };

  const connections = dynamodbLiveConnections({ client: standIn(new DynamoDBClient(NOWHERE), services.dynamodb.prepare), table: 'live', clock: time.clock });
  const follower = { metrics: Object.keys(pipeline.metrics), token: 'x'.repeat(43) };
  for (let i = 0; i < of.followers; i++) await connections.add({ id: `L0SM9cOFvHcC${i}`, ...follower }, Number.MAX_SAFE_INTEGER);

  // Compiles the code, and gives the measured epoch a generation before it: cells expire by themselves only once there is one.
  ledger.scale(0);
  await run(FIRST_AT_MS, FIRST_S);
  await call('heartbeat', FIRST_GENERATION_AT_MS, '{}');
  await drain(Number.MAX_SAFE_INTEGER);
  await recompute(FIRST_GENERATION_AT_MS + 300_000);
  const firstEvents = events;
  const slicesBefore = services.dynamodb.storedBytes('cells', 'slices#');
  const windowMs = stage.duplicateWindowMs + stage.epochMs / 2;
  await noteSeenBefore({
    stage,
    dynamodb: services.dynamodb,
    consumers,
    shards: services.kinesis.ids,
    rate: of.rate,
    batch: of.batch,
    hasOwnIds: of.ids === 'own',
    fromMs: PLAY_AT_MS - windowMs,
    toMs: PLAY_AT_MS,
    random,
  });
  // None has read these. Every environment meets every shard, which is counted as often as environments are new, and then any of them at random.
  const batchS = (stage.functions.aggregate?.batchWindowMs ?? 0) / 1_000 + (of.batch * shards) / of.rate;
  const warmS = Math.min(Math.ceil(MEETINGS * of.environments * batchS), MAX_WARM_EVENTS / of.rate);
  const warmAtMs = PLAY_AT_MS - warmS * 1_000;
  environmentOf = renewed();
  const renewals = (MONTH_S * 1_000) / ENVIRONMENT_MS;
  ledger.scale(0, { duplicates: renewals, 'entities: duplicates': renewals });
  for (let one = 0; one < of.environments; one++) {
    await call('heartbeat', warmAtMs - 1_000, '{}');
    await drain(Number.MAX_SAFE_INTEGER, one);
  }
  ledger.scale(0);
  await run(warmAtMs, warmS);
  limits.reset();

  const left = () => ({
    seen: services.dynamodb.storedBytes('cells', 'noted#'),
    seenByMaterialize: services.dynamodb.storedBytes('cells', 'noted#materialize#'),
    cells: services.dynamodb.storedBytes('cells', 'cells#'),
    slices: services.dynamodb.storedBytes('cells', 'slices#'),
    entities: new Map(Object.values(pipeline.entities).map(({ name }) => [name, services.dynamodb.storedBytes('entities', `${name}@`)])),
  });
  const before = left();
  const warmed = events;
  const playTimes = MONTH_S / seconds;
  ledger.scale(playTimes);
  await run(PLAY_AT_MS, seconds);
  const after = left();
  const counted = events - warmed;

  // A generation over the played epoch, which is what a stage does once an epoch.
  statements.length = 0;
  ledger.scale((MONTH_S * 1_000) / stage.heartbeatMs);
  await call('heartbeat', BATCH_AT_MS, '{}');
  // Its records come with others; they need no calls of their own.
  ledger.scale(0);
  await drain(Number.MAX_SAFE_INTEGER);
  const epochTimes = (MONTH_S * 1_000) / stage.epochMs;
  ledger.scale(epochTimes, { [COMPARED]: MONTH_S / (seconds + warmS) });
  await recompute(BATCH_AT_MS + 300_000);
  const ofGeneration = [...statements];
  ledger.scale(Math.max(0, (MONTH_S * 1_000) / stage.recomputeMs - epochTimes));
  await recompute(BATCH_AT_MS + 900_000);
  return {
    ledger,
    breaches: limits.breaches(),
    events: counted,
    statements: ofGeneration,
    statementEvents: events - firstEvents,
    statementSeconds: seconds + warmS,
    metrics: functions.metrics.size,
    left: {
      seen: after.seen - before.seen - (after.seenByMaterialize - before.seenByMaterialize),
      seenByMaterialize: after.seenByMaterialize - before.seenByMaterialize,
      cells: after.cells - before.cells,
      slicesOfEpoch: after.slices - slicesBefore,
      entities: after.entities,
    },
  };
};
