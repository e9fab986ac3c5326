import { cellStore, clock, eventLog, onLambda, telemetry } from '#platform';
import { generations } from '../shared/batch/generations.ts';
import { readLook } from '../shared/batch/look.ts';
import { horizonOf, readProgress } from '../shared/consume/horizon.ts';
import { HEARTBEAT } from '../shared/log/record.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { CellStore } from '../shared/ports/cell-store.ts';
import type { Clock } from '../shared/ports/clock.ts';
import { ClosedShardError, type EventLog, type LogShard } from '../shared/ports/event-log.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';

export interface HeartbeatPorts {
  readonly log: EventLog;
  readonly store: CellStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Scheduled: appends an empty record to every open shard, so that the epochs of idle shards advance too. Reports the lag of the horizon and of the batch layer. */
export const heartbeat =
  ({ log, store, clock, telemetry }: HeartbeatPorts) =>
  async (): Promise<{ shards: number }> => {
    const shards = await beat(log);
    const horizon = horizonOf(shards, await readProgress(store, 'archive'));
    if (horizon.atMs > 0) telemetry.gauge('horizon_lag_seconds', Math.round((clock() - horizon.atMs) / 1_000));
    const published = await generations(store).current();
    const wholeUntilMs = Math.max(published?.plan?.horizonMs ?? 0, await foundWhole(store, published?.id ?? null));
    if (wholeUntilMs > 0) telemetry.gauge('generation_lag_seconds', Math.round((clock() - wholeUntilMs) / 1_000));
    telemetry.debug('Heartbeat', { shards: openIds(shards).length, horizon: horizon.atMs, heldBackBy: horizon.shard });
    return { shards: openIds(shards).length };
  };

const openIds = (shards: readonly LogShard[]): string[] => shards.filter(({ open }) => open).map(({ id }) => id);
const MAX_LISTS = 3;

/** Returns the shards as they were listed. If the list is outdated and some of them have closed, it lists them again. */
const beat = async (log: EventLog): Promise<readonly LogShard[]> => {
  for (let lists = 1; ; lists++) {
    const shards = await log.shards();
    try {
      await log.appendToShards(openIds(shards), HEARTBEAT);
      return shards;
    } catch (error) {
      if (!(error instanceof ClosedShardError) || lists === MAX_LISTS) throw error;
    }
  }
};

/** The time up to which the batch layer has found a generation to be complete, even if it was built before that. */
const foundWhole = async (store: CellStore, generation: string | null): Promise<number> => {
  const look = await readLook(store);
  return look !== null && look.generation === generation ? look.wholeUntilMs : 0;
};

/** Over the ports of a platform. */
export const bind = ({ cellStore, clock, eventLog, telemetry }: Pick<Platform, 'cellStore' | 'clock' | 'eventLog' | 'telemetry'>) =>
  heartbeat({ log: eventLog(), store: cellStore(), clock, telemetry: telemetry() });

export const handler = onLambda(() => bind({ cellStore, clock, eventLog, telemetry }));
