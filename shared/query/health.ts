import { type Damage, findDamage } from '../batch/damage.ts';
import { failures } from '../batch/failures.ts';
import { generations } from '../batch/generations.ts';
import { frontier, type Horizon, horizonOf, type ProgressByShard, readProgress } from '../consume/horizon.ts';
import type { Pipeline } from '../definition/define.ts';
import type { LogShard } from '../ports/event-log.ts';
import type { Room } from '../ports/room.ts';
import { keptFor } from '../request/kept-for.ts';
import { isoOf } from './arrived.ts';
import type { AnswerPorts } from './cut.ts';

export interface HealthPorts extends AnswerPorts {
  readonly pipeline: Pipeline;
  readonly epochLengthMs: number;
  /** Null if other services keep the stores. */
  readonly room: Room | null;
  /** How far the search index is behind the entities; null if another service knows that. */
  readonly indexLag: IndexLag | null;
  readonly healthKept: HealthKept;
}
/** Changes that are not in the search index yet, and when the oldest of them was made. */
export type IndexLag = () => Promise<{ readonly changes: number; readonly sinceMs: number | null }>;

/** `degraded`: it needs attention, but its answers are right. */
type Part = { readonly status: 'ok' | 'degraded' } & Readonly<Record<string, unknown>>;
type Down = { readonly status: 'down' } & Readonly<Record<string, unknown>>;
export type PartName = 'log' | 'speed' | 'archive' | 'batch' | 'lake' | 'files' | 'disk' | 'entities' | 'search';
export interface Health {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly parts: Readonly<Partial<Record<PartName, Part | Down>>>;
}

/** How long what /health says is kept: anybody may call it, and where calls and reads are billed, that adds up. */
export interface HealthKept {
  readonly reportMs: number;
  /** Of the check of files, which has to list them all. */
  readonly filesMs: number;
}

/** What /health answers, kept for as long as the platform says. */
export const healthReport = (ports: HealthPorts): (() => Promise<Health>) => {
  const { store, lake, clock, healthKept } = ports;
  const checkFiles = keptFor(healthKept.filesMs, clock, async () => (await findDamage({ store, lake }, generations(store))).damaged);
  return keptFor(healthKept.reportMs, clock, () => health(ports, checkFiles));
};

/** Reads each part once. A lag is how long ago, by arrival, the consumer's slowest shard was up to date; heartbeats keep it small on an idle system. */
const health = async (
  { pipeline, store, lake, log, clock, epochLengthMs, room, indexLag }: HealthPorts,
  checkFiles: () => Promise<readonly Damage[]>,
): Promise<Health> => {
  const hasEntities = Object.keys(pipeline.entities).length > 0;
  const parts: Partial<Record<PartName, Part | Down>> = {};
  const part = async (name: PartName, read: () => Promise<Readonly<Record<string, unknown>>>): Promise<void> => {
    try {
      parts[name] = { status: 'ok', ...(await read()) } as Part | Down;
    } catch (error) {
      parts[name] = { status: 'down', error: (error as Error).name };
    }
  };
  // Several parts need the list.
  const shardsOf = keptFor(Number.POSITIVE_INFINITY, clock, () => log.shards());
  const lagOf = async (consumer: 'aggregate' | 'materialize') => through(await shardsOf(), await readProgress(store, consumer), clock());
  await part('log', async () => ({ openShards: (await shardsOf()).filter(({ open }) => open).length, ...logTime(await log.status()) }));
  await part('speed', () => lagOf('aggregate'));
  await part('archive', async () => {
    const [shards, progress] = [await shardsOf(), await readProgress(store, 'archive')];
    const horizon = horizonOf(shards, progress);
    return { ...through(shards, progress, clock()), horizon: timeOf(horizon.atMs), heldBackBy: heldBackBy(horizon, epochLengthMs, clock()) };
  });
  await part('batch', async () => {
    const active = await generations(store).current();
    const failing = await failures(store).read();
    return {
      generation: active?.id ?? null,
      horizon: timeOf(active?.plan?.horizonMs ?? 0),
      ...(failing === null
        ? {}
        : {
            status: 'degraded',
            failing: {
              since: new Date(failing.sinceMs).toISOString(),
              times: failing.times,
              error: failing.error.slice(0, 500),
              nextTry: new Date(failing.nextTryMs).toISOString(),
            },
          }),
    };
  });
  await part('lake', async () => {
    // There is no such file. On S3, reading one costs less than a tenth of listing.
    await lake.get('generations/health');
    return {};
  });
  await part('files', async () => {
    const damaged = await checkFiles();
    return { ...(damaged.length > 0 ? { status: 'down' } : {}), damaged };
  });
  if (room !== null)
    await part('disk', async () => {
      const { freeBytes, isFull } = room.look();
      return { ...(isFull ? { status: 'down', error: 'full' } : {}), freeBytes };
    });
  if (hasEntities) await part('entities', () => lagOf('materialize'));
  if (hasEntities && indexLag !== null)
    await part('search', async () => {
      const { changes, sinceMs } = await indexLag();
      return { changes, lagMs: sinceMs === null ? 0 : Math.max(0, clock() - sinceMs) };
    });
  const states = new Set(Object.values(parts).map(({ status }) => status));
  return { status: states.has('down') ? 'down' : states.has('degraded') ? 'degraded' : 'ok', parts };
};

/** An epoch is over, and its lines in the lake, at most two epochs after it began. */
export const USUAL_EPOCHS = 3;
/** The shard that holds the horizon back; null if it is where it can be. */
export const heldBackBy = ({ atMs, shard }: Horizon, epochLengthMs: number, nowMs: number): string | null =>
  nowMs - atMs > USUAL_EPOCHS * epochLengthMs ? shard : null;

/** Null before the first epoch. */
const timeOf = (ms: number): string | null => (ms === 0 ? null : new Date(ms).toISOString());

/** Clocks of machines differ by less than this. */
const MAX_AHEAD_MS = 60_000;
const logTime = ({ aheadMs }: { readonly aheadMs: number }): Readonly<Record<string, unknown>> => ({
  aheadMs,
  ...(aheadMs <= MAX_AHEAD_MS
    ? {}
    : {
        warning:
          'The clock was ahead when events arrived. The log’s time continues from there at half the clock’s rate until the clock has caught up; events keep their positions, and counts are right.',
      }),
});

const through = (shards: readonly LogShard[], progress: ProgressByShard, nowMs: number): Readonly<Record<string, unknown>> => {
  const reached = frontier(shards, progress).map((one) => ({ shard: one.shard, ...lagAt(one.progress?.arrivedAtMs ?? null, nowMs) }));
  // None yet is the slowest.
  const [slowest] = [...reached].sort((a, b) => (b.lagMs ?? Number.POSITIVE_INFINITY) - (a.lagMs ?? Number.POSITIVE_INFINITY) || 0);
  return { through: slowest?.through ?? null, lagMs: slowest?.lagMs ?? null, slowest: slowest?.shard ?? null, shards: reached };
};

/** How far one shard has come; null if it has not begun. */
export const lagAt = (ms: number | null, nowMs: number): { readonly through: string | null; readonly lagMs: number | null } => ({
  through: isoOf(ms),
  lagMs: ms === null ? null : Math.max(0, nowMs - ms),
});
