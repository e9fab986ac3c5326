import type { Pipeline } from '../shared/definition/define.ts';
import type { Platform } from '../shared/platforms/platform.ts';

/** The parts of the platform that functions on one machine need. */
export type HostPlatform = Omit<Platform, 'onLambda' | 'tokens'>;

/**
 * Every function over a platform of one machine. Each is imported and created at its first call, which opens the stores that
 * it needs: a thread loads only what it runs.
 */
export const hostFunctions = (pipeline: Pipeline, platform: HostPlatform) => ({
  aggregate: atFirstCall(async () => (await import('../functions/aggregate.ts')).bind(pipeline, platform)),
  archive: atFirstCall(async () => (await import('../functions/archive.ts')).bind(platform)),
  events: atFirstCall(async () => (await import('../functions/events.ts')).bind(pipeline, platform)),
  exclusions: atFirstCall(async () => (await import('../functions/exclusions.ts')).bind(platform)),
  explain: atFirstCall(async () => (await import('../functions/explain.ts')).bind(pipeline, platform)),
  generations: atFirstCall(async () => (await import('../functions/generations.ts')).bind(pipeline, platform)),
  heartbeat: atFirstCall(async () => (await import('../functions/heartbeat.ts')).bind(platform)),
  indexEntities: atFirstCall(async () => (await import('../functions/index-entities.ts')).bind(pipeline, platform)),
  ingest: atFirstCall(async () => (await import('../functions/ingest.ts')).bind(pipeline, platform)),
  letters: atFirstCall(async () => (await import('../functions/letters.ts')).bind(pipeline, platform)),
  liveRows: atFirstCall(async () => (await import('../functions/live-rows.ts')).bind(pipeline, platform)),
  lookups: atFirstCall(async () => (await import('../functions/lookups.ts')).bind(pipeline, platform)),
  materialize: atFirstCall(async () => (await import('../functions/materialize.ts')).bind(pipeline, platform)),
  page: atFirstCall(async () => (await import('../functions/page.ts')).bind(platform)),
  quarantine: atFirstCall(async () => (await import('../functions/quarantine.ts')).bind(pipeline, platform)),
  query: atFirstCall(async () => (await import('../functions/query.ts')).bind(pipeline, platform)),
  recompute: atFirstCall(async () => (await import('../functions/recompute.ts')).bind(pipeline, platform)),
  reindex: atFirstCall(async () => (await import('../functions/reindex.ts')).bind(pipeline, platform)),
  search: atFirstCall(async () => (await import('../functions/search.ts')).bind(pipeline, platform)),
});
export type HostFunctions = ReturnType<typeof hostFunctions>;

/** After a failure, the next call tries again. */
const atFirstCall = <A extends readonly unknown[], R>(create: () => Promise<(...given: A) => Promise<R>>) => {
  let creating: ReturnType<typeof create> | null = null;
  return async (...given: A): Promise<R> => {
    creating ??= create().catch((error) => {
      creating = null;
      throw error;
    });
    const created = await creating;
    return created(...given);
  };
};
