import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbLiveConnections } from '../shared/adapters/aws/dynamodb-live-connections.ts';
import type { Statement } from './batch-engine.ts';
import { type CallsOptions, calls } from './calls.ts';
import { captureLines } from './captured.ts';
import type { Ledger } from './ledger.ts';
import type { Breach } from './limits.ts';
import { noteSeenBefore } from './seen-before.ts';
import { NOWHERE, standIn } from './services/stand-in.ts';
import { COMPARED } from './services.ts';

export interface PlayOptions extends CallsOptions {
  /** Pages that follow every metric, if the stage pushes live numbers. */
  readonly followers: number;
  /** How long the load is played and counted. Whole minutes, as the windows are. */
  readonly seconds: number;
}
export interface Played {
  readonly ledger: Ledger;
  readonly breaches: readonly Breach[];
  readonly events: number;
  /** The statements of one generation, and of how many events, in how many seconds, it is. */
  readonly statements: readonly Statement[];
  readonly statementEvents: number;
  readonly statementSeconds: number;
  /** How many metrics functions have written. */
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
/** Of the bytes that Athena scanned, which its adapter counts: it is not played. */
const OF_ATHENA = 1;
/** Lambda ends an environment after some hours; the one after it reads all that is noted of each shard that it meets. */
const ENVIRONMENT_MS = 2 * 3_600_000;

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
  const { ledger, limits, services, statements, ...load } = calls({ pipeline, stage, shards, sample, random, ...of }, { root, fromMs: FIRST_AT_MS, take });

  const connections = dynamodbLiveConnections({ client: standIn(new DynamoDBClient(NOWHERE), services.dynamodb.prepare), table: 'live', clock: load.clock });
  const follower = { metrics: Object.keys(pipeline.metrics), token: 'x'.repeat(43) };
  for (let i = 0; i < of.followers; i++) await connections.add({ id: `L0SM9cOFvHcC${i}`, ...follower }, Number.MAX_SAFE_INTEGER);

  // Compiles the code, and gives the measured epoch a generation before it: cells expire by themselves only once there is one.
  ledger.scale(0);
  await load.run(FIRST_AT_MS, FIRST_S);
  await load.heartbeat(FIRST_GENERATION_AT_MS);
  await load.drain(Number.MAX_SAFE_INTEGER);
  await load.recompute(FIRST_GENERATION_AT_MS + 300_000);
  const firstEvents = load.events();
  const slicesBefore = services.dynamodb.storedBytes('cells', 'slices#');
  const windowMs = stage.duplicateWindowMs + stage.epochMs / 2;
  await noteSeenBefore({
    stage,
    dynamodb: services.dynamodb,
    consumers: load.consumers,
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
  load.renew();
  const renewals = (MONTH_S * 1_000) / ENVIRONMENT_MS;
  ledger.scale(0, { duplicates: renewals, 'entities: duplicates': renewals });
  for (let one = 0; one < of.environments; one++) {
    await load.heartbeat(warmAtMs - 1_000);
    await load.drain(Number.MAX_SAFE_INTEGER, one);
  }
  ledger.scale(0);
  await load.run(warmAtMs, warmS);
  limits.reset();

  const left = () => ({
    seen: services.dynamodb.storedBytes('cells', 'noted#'),
    seenByMaterialize: services.dynamodb.storedBytes('cells', 'noted#materialize#'),
    cells: services.dynamodb.storedBytes('cells', 'cells#'),
    slices: services.dynamodb.storedBytes('cells', 'slices#'),
    entities: new Map(Object.values(pipeline.entities).map(({ name }) => [name, services.dynamodb.storedBytes('entities', `${name}@`)])),
  });
  const before = left();
  const warmed = load.events();
  const playTimes = MONTH_S / seconds;
  ledger.scale(playTimes);
  await load.run(PLAY_AT_MS, seconds);
  const after = left();
  const counted = load.events() - warmed;

  // A generation over the played epoch, which is what a stage does once an epoch.
  statements.length = 0;
  ledger.scale((MONTH_S * 1_000) / stage.heartbeatMs);
  await load.heartbeat(BATCH_AT_MS);
  // Its records come with others; they need no calls of their own.
  ledger.scale(0);
  await load.drain(Number.MAX_SAFE_INTEGER);
  const epochTimes = (MONTH_S * 1_000) / stage.epochMs;
  ledger.scale(epochTimes, { [COMPARED]: MONTH_S / (seconds + warmS) });
  await load.recompute(BATCH_AT_MS + 300_000);
  const ofGeneration = [...statements];
  ledger.scale(Math.max(0, (MONTH_S * 1_000) / stage.recomputeMs - epochTimes));
  await load.recompute(BATCH_AT_MS + 900_000);
  return {
    ledger,
    breaches: limits.breaches(),
    events: counted,
    statements: ofGeneration,
    statementEvents: load.events() - firstEvents,
    statementSeconds: seconds + warmS,
    metrics: load.metrics.size + OF_ATHENA,
    left: {
      seen: after.seen - before.seen - (after.seenByMaterialize - before.seenByMaterialize),
      seenByMaterialize: after.seenByMaterialize - before.seenByMaterialize,
      cells: after.cells - before.cells,
      slicesOfEpoch: after.slices - slicesBefore,
      entities: after.entities,
    },
  };
};
