import { cellStore, clock, eventLog, onLambda, telemetry } from '#platform';
import { generations } from '../shared/batch/generations.ts';
import { readLook } from '../shared/batch/look.ts';
import { horizonOf, readProgress } from '../shared/consume/horizon.ts';
import { openIds, toOpenShards } from '../shared/consume/open-shards.ts';
import { announcement } from '../shared/log/announcement.ts';
import { HEARTBEAT } from '../shared/log/record.ts';
import { type Change, latestRevision, readChanges } from '../shared/lookups/changes.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { CellStore } from '../shared/ports/cell-store.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { EventLog } from '../shared/ports/event-log.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';

export interface HeartbeatPorts {
  readonly log: EventLog;
  readonly store: CellStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/**
 * Scheduled: appends an empty record to every open shard, so that the epochs of idle shards advance too. It repeats the
 * latest announcement of reference data, so that one that reached only some shards reaches the others. Reports the lag of
 * the horizon and of the batch layer.
 */
export const heartbeat = ({ log, store, clock, telemetry }: HeartbeatPorts) => {
  let changes: readonly Change[] = [];
  return async (): Promise<{ shards: number }> => {
    const later = await readChanges(store, changes.length);
    changes = [...changes, ...later];
    const shards = await toOpenShards(log, changes.length === 0 ? HEARTBEAT : announcement(latestRevision(changes)));
    const horizon = horizonOf(shards, await readProgress(store, 'archive'));
    if (horizon.atMs > 0) telemetry.gauge('horizon_lag_seconds', Math.round((clock() - horizon.atMs) / 1_000));
    const published = await generations(store).current();
    const wholeUntilMs = Math.max(published?.plan?.horizonMs ?? 0, await foundWhole(store, published?.id ?? null));
    if (wholeUntilMs > 0) telemetry.gauge('generation_lag_seconds', Math.round((clock() - wholeUntilMs) / 1_000));
    telemetry.debug('Heartbeat', { shards: openIds(shards).length, horizon: horizon.atMs, heldBackBy: horizon.shard });
    return { shards: openIds(shards).length };
  };
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
