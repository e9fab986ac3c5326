import type { Pipeline } from '../shared/definition/define.ts';
import type { Platform } from '../shared/platforms/platform.ts';

/** The parts of the platform that functions on one machine need. */
export type HostPlatform = Omit<Platform, 'onLambda' | 'tokens'>;

/**
 * Every function over a platform of one machine. Each is imported and created at its first call, which opens the stores that
 * it needs: a thread loads only what it runs.
 */
export const hostFunctions = (pipeline: Pipeline, platform: HostPlatform) => ({
  aggregate: atFirstCall(
    () => import('../functions/aggregate.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  archive: atFirstCall(
    () => import('../functions/archive.ts'),
    ({ bind }) => bind(platform),
  ),
  events: atFirstCall(
    () => import('../functions/events.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  exclusions: atFirstCall(
    () => import('../functions/exclusions.ts'),
    ({ bind }) => bind(platform),
  ),
  explain: atFirstCall(
    () => import('../functions/explain.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  generations: atFirstCall(
    () => import('../functions/generations.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  heartbeat: atFirstCall(
    () => import('../functions/heartbeat.ts'),
    ({ bind }) => bind(platform),
  ),
  indexEntities: atFirstCall(
    () => import('../functions/index-entities.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  ingest: atFirstCall(
    () => import('../functions/ingest.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  letters: atFirstCall(
    () => import('../functions/letters.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  liveRows: atFirstCall(
    () => import('../functions/live-rows.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  lookups: atFirstCall(
    () => import('../functions/lookups.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  materialize: atFirstCall(
    () => import('../functions/materialize.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  page: atFirstCall(
    () => import('../functions/page.ts'),
    ({ bind }) => bind(platform),
  ),
  quarantine: atFirstCall(
    () => import('../functions/quarantine.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  query: atFirstCall(
    () => import('../functions/query.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  recompute: atFirstCall(
    () => import('../functions/recompute.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  reindex: atFirstCall(
    () => import('../functions/reindex.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
  search: atFirstCall(
    () => import('../functions/search.ts'),
    ({ bind }) => bind(pipeline, platform),
  ),
});
export type HostFunctions = ReturnType<typeof hostFunctions>;

/** After a failure, the next call tries again. */
const atFirstCall = <M, A extends readonly unknown[], R>(load: () => Promise<M>, create: (module: M) => (...given: A) => Promise<R>) => {
  let created: ((...given: A) => Promise<R>) | null = null;
  return async (...given: A): Promise<R> => {
    if (created === null) {
      const module = await load();
      created ??= create(module);
    }
    return created(...given);
  };
};
