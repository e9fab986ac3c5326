import { failures } from '../batch/failures.ts';
import { type Generation, generations } from '../batch/generations.ts';
import { readLook, wholeUntilOf } from '../batch/look.ts';
import { frontier, horizonOf, type ProgressByShard, readProgress } from '../consume/horizon.ts';
import type { LogShard } from '../ports/event-log.ts';
import type { RejectedCount } from '../quarantine/count.ts';
import { keptFor } from '../request/kept-for.ts';
import { mayHaveExpired } from '../storage/cells-kept.ts';
import { metricId } from '../storage/keys.ts';
import { arrivedOf, isoOf } from './arrived.ts';
import { type Health, type HealthPorts, heldBackBy, lagAt, USUAL_EPOCHS } from './health.ts';
import type { Facts, Status } from './status-schema.ts';
import { inWords } from './status-words.ts';

export interface StatusPorts extends HealthPorts {
  readonly heartbeatEveryMs: number;
  readonly recomputeEveryMs: number;
  /** Null where counting would read much. */
  readonly rejected: RejectedCount | null;
}

/** A lag that nobody minds, besides that of a shard that waits for its heartbeat. */
const LAG_MS = 10_000;
/** Silence that nobody minds. */
const QUIET_MS = 120_000;
/** Until what is in the lake is published. */
const USUAL_RUNS = 2;

/**
 * What GET /status answers, kept for as long as /health. It reads a few items of the cell store and the list of shards:
 * counts and times of events are in the progress of the speed layer, so nothing is scanned.
 */
export const statusReport = (ports: StatusPorts, health: () => Promise<Health>): (() => Promise<Status>) =>
  keptFor(ports.healthKept.reportMs, ports.clock, async () => {
    const facts = await factsOf(ports, await health());
    return { ...facts, ...inWords(facts) };
  });

const factsOf = async (ports: StatusPorts, { parts }: Health): Promise<Facts> => {
  const { store, log, clock } = ports;
  const [aggregate, archive] = [await readProgress(store, 'aggregate'), await readProgress(store, 'archive')];
  const shards = await log.shards();
  // Read once, so that an answer speaks of one generation.
  const active = await generations(store).current();
  const nowMs = clock();
  return {
    at: new Date(nowMs).toISOString(),
    events: eventsOf(aggregate, nowMs),
    lag: lagOf(ports, shards, aggregate, nowMs),
    batch: await batchOf(ports, active, shards, archive, nowMs),
    drift: active === null ? null : driftOf(ports, active),
    quarantine: ports.rejected === null ? null : await ports.rejected(),
    down: Object.entries(parts).flatMap(([part, { status, error }]) => (status === 'down' ? [{ part, error: typeof error === 'string' ? error : null }] : [])),
  };
};

const eventsOf = (aggregate: ProgressByShard, nowMs: number): Facts['events'] => {
  const { total, sinceMs, lastArrivalMs, first, last, perSecond, gapMs } = arrivedOf(aggregate, nowMs);
  return {
    ...{ total, first, last, perSecond },
    since: isoOf(sinceMs),
    lastArrival: isoOf(lastArrivalMs),
    usualGapMs: gapMs === null ? null : Math.round(gapMs),
    quietAfterMs: Math.max(QUIET_MS, Math.round(5 * (gapMs ?? 0))),
  };
};

const lagOf = ({ heartbeatEveryMs }: StatusPorts, shards: readonly LogShard[], aggregate: ProgressByShard, nowMs: number): Facts['lag'] => {
  const reached = frontier(shards, aggregate).map(({ shard, progress }) => {
    return { shard, ...lagAt(progress?.arrivedAtMs ?? null, nowMs) };
  });
  const lags = reached.map(({ lagMs }) => lagMs);
  const ms = lags.length === 0 || lags.includes(null) ? null : Math.max(...lags.map((lag) => lag ?? 0));
  return { ms, limitMs: Math.round(LAG_MS + heartbeatEveryMs), through: ms === null ? null : isoOf(nowMs - ms), shards: reached };
};

const batchOf = async (
  { store, epochLengthMs, recomputeEveryMs, cellsKeptMs }: StatusPorts,
  active: Generation | null,
  shards: readonly LogShard[],
  archive: ProgressByShard,
  nowMs: number,
): Promise<Facts['batch']> => {
  const failing = await failures(store).read();
  const look = await readLook(store);
  const horizonMs = active?.plan?.horizonMs ?? null;
  const wholeUntilMs = active === null || horizonMs === null ? null : wholeUntilOf(look, active.id, horizonMs);
  const next = horizonOf(shards, archive);
  const lateAfterMs = USUAL_EPOCHS * epochLengthMs + USUAL_RUNS * recomputeEveryMs;
  const expectedMs = failing?.nextTryMs ?? (look?.atMs === undefined || recomputeEveryMs === 0 ? null : look.atMs + recomputeEveryMs);
  return {
    generation: active?.id ?? null,
    horizon: isoOf(horizonMs),
    wholeUntil: isoOf(wholeUntilMs),
    lateAfterMs,
    expired: wholeUntilMs !== null && mayHaveExpired(wholeUntilMs, cellsKeptMs, nowMs),
    next: isoOf(next.atMs === 0 ? null : next.atMs),
    heldBackBy: heldBackBy(next, epochLengthMs, nowMs),
    stepMs: epochLengthMs,
    nextRun: isoOf(expectedMs),
    lastFailure:
      failing === null
        ? null
        : {
            since: new Date(failing.sinceMs).toISOString(),
            times: failing.times,
            error: failing.error.slice(0, 500),
            nextTry: new Date(failing.nextTryMs).toISOString(),
          },
  };
};

const driftOf = ({ pipeline }: StatusPorts, active: Generation): Facts['drift'] => {
  const metrics = Object.values(pipeline.metrics).flatMap((metric) => {
    const events = active.drift[metricId(metric)]?.drift ?? 0;
    return events === 0 ? [] : [{ metric: metric.name, events }];
  });
  return {
    generation: active.id,
    publishedAt: isoOf(active.publishedAtMs),
    events: metrics.reduce((sum, { events }) => sum + Math.abs(events), 0),
    metrics,
  };
};
