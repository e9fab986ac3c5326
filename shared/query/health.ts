import { type Damage, findDamage } from '../batch/damage.ts';
import { generations } from '../batch/generations.ts';
import { frontier, horizonOf, type ProgressByShard, readProgress } from '../batch/horizon.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogShard } from '../ports/event-log.ts';
import type { Room } from '../ports/room.ts';
import type { AnswerPorts } from './answer.ts';

type Part = { status: 'ok' } & Record<string, unknown>;
type Down = { status: 'down'; error?: string } & Record<string, unknown>;
export interface Health {
  readonly status: 'ok' | 'down';
  readonly parts: Readonly<Record<'log' | 'speed' | 'archive' | 'batch' | 'lake' | 'files', Part | Down>> & { readonly disk?: Part | Down };
}

/** How long what is known of the files holds: to look means to list them all. */
const FILES_MS = 30_000;

/** Which files of the active generation are known to be damaged. */
export const fileCheck = ({ store, lake, clock }: Pick<AnswerPorts, 'store' | 'lake'> & { clock: Clock }): (() => Promise<readonly Damage[]>) => {
  let last: { readonly atMs: number; readonly damaged: Promise<readonly Damage[]> } | null = null;
  return () => {
    if (last === null || Math.abs(clock() - last.atMs) >= FILES_MS) {
      const damaged = findDamage({ store, lake }, generations(store)).then((found) => found.damaged);
      last = { atMs: clock(), damaged };
      damaged.catch(() => {
        last = null;
      });
    }
    return last.damaged;
  };
};

/** Reads each part once. A lag is how long ago, by arrival, a consumer's slowest shard was; heartbeats keep it small on an idle system. */
export const health = async (
  { store, lake, log, room, clock }: AnswerPorts & { room: Room | null; clock: Clock },
  checkFiles: ReturnType<typeof fileCheck>,
): Promise<Health> => {
  const part = async (read: () => Promise<Record<string, unknown>>): Promise<Part | Down> => {
    try {
      return { status: 'ok', ...(await read()) };
    } catch (error) {
      return { status: 'down', error: (error as Error).name };
    }
  };
  const files = async (): Promise<Part | Down> => {
    const known = await part(async () => ({ damaged: await checkFiles() }));
    return known.status === 'ok' && (known.damaged as readonly Damage[]).length > 0 ? { ...known, status: 'down' } : known;
  };
  const parts = {
    log: await part(async () => ({ openShards: (await log.shards()).filter(({ open }) => open).length, ...timeOf(await log.status()) })),
    speed: await part(async () => through(await log.shards(), await readProgress(store, 'aggregate'), clock())),
    archive: await part(async () => through(await log.shards(), await readProgress(store, 'archive'), clock())),
    batch: await part(async () => {
      const list = generations(store);
      const active = await list.active();
      const horizon = horizonOf(await log.shards(), await readProgress(store, 'archive'));
      return { generation: active?.id ?? null, horizon: horizon.atMs === 0 ? null : new Date(horizon.atMs).toISOString(), heldBackBy: horizon.shard };
    }),
    lake: await part(async () => {
      for await (const _ of lake.list('raw/', '')) break;
      return {};
    }),
    files: await files(),
    ...(room === null ? {} : { disk: diskOf(room) }),
  };
  return { status: Object.values(parts).every(({ status }) => status === 'ok') ? 'ok' : 'down', parts };
};

/** Clocks of machines differ by less. */
const MAX_AHEAD_MS = 60_000;
const timeOf = ({ aheadMs }: { readonly aheadMs: number }): Record<string, unknown> => ({
  aheadMs,
  ...(aheadMs <= MAX_AHEAD_MS
    ? {}
    : {
        warning:
          'The clock was ahead when events arrived. The log goes on from their times at half the clock’s rate until the clock has caught up; events keep their places, and counts are right.',
      }),
});

const diskOf = (room: Room): Part | Down => {
  const { freeBytes, isFull } = room.look();
  return isFull ? { status: 'down', error: 'full', freeBytes } : { status: 'ok', freeBytes };
};

const through = (shards: readonly LogShard[], progress: ProgressByShard, nowMs: number): Record<string, unknown> => {
  const [slowest] = frontier(shards, progress)
    .map((one) => ({ shard: one.shard, ms: one.progress?.arrivedAtMs ?? null }))
    .sort((a, b) => (a.ms ?? 0) - (b.ms ?? 0));
  const ms = slowest?.ms ?? null;
  return { through: ms === null ? null : new Date(ms).toISOString(), lagMs: ms === null ? null : Math.max(0, nowMs - ms), slowest: slowest?.shard ?? null };
};
