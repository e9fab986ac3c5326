import pipeline from '#pipeline';
import { cellStore, clock, eventLog, type LambdaContext, lake, onLambda, settings, sqlEngine, telemetry } from '#platform';
import type { Generation } from '../shared/batch/generations.ts';
import { type RecomputePorts, recompute as run } from '../shared/batch/recompute.ts';

/** Scheduled, and started by POST /recompute: one run of the batch layer. */
export const recompute =
  (ports: RecomputePorts) =>
  (_event: unknown, context: LambdaContext): Promise<Generation | null> =>
    run(ports, () => context.getRemainingTimeInMillis());

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
  }),
);
