import { folder } from '../shared/adapters/files/folder.ts';
import { createToken } from '../shared/auth/tokens.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { batchEngine, type Statement } from './batch-engine.ts';
import { changes } from './changes.ts';
import { environments, type FunctionName } from './environments.ts';
import { lambda } from './lambda.ts';
import { ledger as newLedger } from './ledger.ts';
import { limits as newLimits } from './limits.ts';
import { type Load, loadOf } from './load.ts';
import { type Batch, mappings } from './mappings.ts';
import { GB } from './services/kinesis.ts';
import { services as newServices } from './services.ts';
import type { Stage } from './stage.ts';
import { virtualTime } from './virtual-time.ts';

export interface CallsOptions extends Load {
  readonly pipeline: Pipeline;
  readonly stage: Stage;
  readonly shards: number;
  readonly environments: number;
  readonly sample: string;
  readonly random: () => number;
}
interface CallsPorts {
  /** The folder of the lake. */
  readonly root: string;
  readonly fromMs: number;
  /** The lines that functions have written since it was last called. */
  readonly take: () => readonly string[];
}

/** API Gateway keeps an authorizer's answer (`resultTtlInSeconds`). */
const AUTHORIZED_MS = 60_000;
const METER_BYTES = 512 * 1_024;
const ANSWER_HEADERS_BYTES = 300;
const MAX_READ_BYTES = 2 * 1_048_576;

/** Requests of a load, and every call of a function that follows them, over stand-ins for AWS that count. */
export const calls = ({ pipeline, stage, shards, sample, random, ...of }: CallsOptions, { root, fromMs, take }: CallsPorts) => {
  const [ledger, limits, time] = [newLedger(), newLimits(), virtualTime(fromMs)];
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

  return {
    ledger,
    limits,
    clock: time.clock,
    services,
    consumers,
    statements,
    /** Metrics that functions have written. */
    metrics: functions.metrics,
    /** How many events were posted. */
    events: () => events,
    run,
    drain,
    heartbeat: (atMs: number) => call('heartbeat', atMs, '{}'),
    recompute,
    /** From here on, every environment is a new one. */
    renew: () => {
      environmentOf = renewed();
    },
  };
};
