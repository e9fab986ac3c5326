import pipeline from '#pipeline';
import { cellStore, clock, eventLog, type LambdaContext, lake, lakeUri, onLambda, settings, sqlEngine, startRecompute, telemetry } from '#platform';
import type { Generation } from '../shared/batch/generations.ts';
import { type RecomputePorts, recompute as run } from '../shared/batch/recompute.ts';

/** Scheduled, and started by POST /recompute: one run of the batch layer. Where its time does not suffice, the next goes on. */
export const recompute =
  (ports: RecomputePorts & { startRecompute: () => Promise<void> }) =>
  async (_event: unknown, context: LambdaContext): Promise<Generation | null> => {
    const generation = await run(ports, () => context.getRemainingTimeInMillis());
    if (generation?.state === 'running') await ports.startRecompute();
    return generation;
  };

export const handler = onLambda(() =>
  recompute({
    pipeline,
    telemetry: telemetry(),
    store: cellStore(),
    log: eventLog(),
    lake: lake(),
    engine: sqlEngine(),
    clock,
    duplicateWindowMs: settings().duplicateWindowMs,
    parallel: settings().parallelQueries,
    keep: settings().keepGenerations,
    uriOf: lakeUri,
    startRecompute,
  }),
);
