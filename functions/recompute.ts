import pipeline from '#pipeline';
import { alone, cellStore, clock, compactsRaw, eventLog, lake, lakeUri, onLambda, readLog, settings, sqlEngine, startRecompute, telemetry } from '#platform';
import type { Generation } from '../shared/batch/generations.ts';
import type { Alone } from '../shared/batch/lease.ts';
import { recompute as run } from '../shared/batch/recompute.ts';
import type { RecomputePorts } from '../shared/batch/recompute-ports.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { CallContext } from '../shared/request/http.ts';

/** Lambda's guard against loops, which ends a chain after some 16 runs, is off for this function; this one ends a mistake. */
const MAX_RUNS = 200;

/**
 * Scheduled, and started by POST /recompute: runs of the batch layer, one at a time. A run that runs out of time, or gets new
 * requests meanwhile, starts the next run, until there is nothing left to do. After `MAX_RUNS` the schedule continues.
 */
export const recompute =
  ({ alone, startRecompute, ...ports }: RecomputePorts & { alone: Alone; startRecompute: (depth: number) => Promise<void> }) =>
  async (event: unknown, context: CallContext): Promise<Generation | null> => {
    const msLeft = () => context.getRemainingTimeInMillis();
    const generation = await alone(msLeft, () => run(ports, msLeft));
    const depth = depthOf(event) + 1;
    if (generation === null || generation.state === 'failed') return generation;
    if (depth < MAX_RUNS) await startRecompute(depth);
    else ports.telemetry.warn('Runs of the batch layer started one another without end; the schedule continues', { depth });
    return generation;
  };

/** What `startRecompute` passed on; a schedule, and a person, pass nothing. */
const depthOf = (event: unknown): number =>
  typeof event === 'object' && event !== null && 'depth' in event && typeof event.depth === 'number' ? event.depth : 0;

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  {
    alone,
    cellStore,
    clock,
    compactsRaw,
    eventLog,
    lake,
    lakeUri,
    readLog,
    settings,
    sqlEngine,
    startRecompute,
    telemetry,
  }: Pick<
    Platform,
    'alone' | 'cellStore' | 'clock' | 'compactsRaw' | 'eventLog' | 'lake' | 'lakeUri' | 'readLog' | 'settings' | 'sqlEngine' | 'startRecompute' | 'telemetry'
  >,
) =>
  recompute({
    pipeline,
    telemetry: telemetry(),
    store: cellStore(),
    log: eventLog(),
    readLog: readLog(),
    lake: lake(),
    engine: sqlEngine(),
    clock,
    epochLengthMs: settings().epochLengthMs,
    duplicateWindowMs: settings().duplicateWindowMs,
    cellsKeptMs: settings().cellsKeptMs,
    parallel: settings().parallelQueries,
    keep: settings().keepGenerations,
    retryMs: settings().recomputeEveryMs,
    uriOf: lakeUri,
    compactsRaw,
    startRecompute,
    alone,
  });

export const handler = onLambda(() =>
  bind(pipeline, { alone, cellStore, clock, compactsRaw, eventLog, lake, lakeUri, readLog, settings, sqlEngine, startRecompute, telemetry }),
);
