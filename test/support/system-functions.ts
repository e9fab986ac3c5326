import { type HostPlatform, hostFunctions } from '../../local/host-functions.ts';
import type { Pipeline } from '../../shared/pipeline.ts';

/** The functions of a host, each made for the pipeline. */
export const systemFunctions = (pipeline: Pipeline, platform: HostPlatform) => {
  const made = hostFunctions(pipeline, platform);
  return {
    ingest: made.ingest(),
    aggregate: made.aggregate(),
    archive: made.archive(),
    materialize: made.materialize(),
    indexEntities: made.indexEntities(),
    reindex: made.reindex(),
    search: made.search(),
    heartbeat: made.heartbeat(),
    query: made.query(),
    quarantine: made.quarantine(),
    events: made.events(),
    exclusions: made.exclusions(),
    letters: made.letters(),
    liveRows: made.liveRows(),
    page: made.page(),
    lookups: made.lookups(),
    generations: made.generations(),
    recompute: made.recompute(),
  };
};
