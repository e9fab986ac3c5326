import { bind as aggregate } from '../functions/aggregate.ts';
import { bind as archive } from '../functions/archive.ts';
import { bind as events } from '../functions/events.ts';
import { bind as exclusions } from '../functions/exclusions.ts';
import { bind as generations } from '../functions/generations.ts';
import { bind as heartbeat } from '../functions/heartbeat.ts';
import { bind as indexEntities } from '../functions/index-entities.ts';
import { bind as ingest } from '../functions/ingest.ts';
import { bind as letters } from '../functions/letters.ts';
import { bind as liveRows } from '../functions/live-rows.ts';
import { bind as lookups } from '../functions/lookups.ts';
import { bind as materialize } from '../functions/materialize.ts';
import { bind as page } from '../functions/page.ts';
import { bind as quarantine } from '../functions/quarantine.ts';
import { bind as query } from '../functions/query.ts';
import { bind as recompute } from '../functions/recompute.ts';
import { bind as reindex } from '../functions/reindex.ts';
import { bind as search } from '../functions/search.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { once } from '../shared/platforms/once.ts';
import type { Platform } from '../shared/platforms/platform.ts';

/** The parts of the platform that functions on one machine need. */
export type HostPlatform = Omit<Platform, 'onLambda' | 'tokens'>;

/** Every function over a platform of one machine, created on first use; that opens the stores that it needs. */
export const hostFunctions = (pipeline: Pipeline, platform: HostPlatform) => ({
  aggregate: once(() => aggregate(pipeline, platform)),
  archive: once(() => archive(platform)),
  events: once(() => events(pipeline, platform)),
  exclusions: once(() => exclusions(platform)),
  generations: once(() => generations(pipeline, platform)),
  heartbeat: once(() => heartbeat(platform)),
  indexEntities: once(() => indexEntities(pipeline, platform)),
  ingest: once(() => ingest(pipeline, platform)),
  letters: once(() => letters(pipeline, platform)),
  liveRows: once(() => liveRows(pipeline, platform)),
  lookups: once(() => lookups(pipeline, platform)),
  materialize: once(() => materialize(pipeline, platform)),
  page: once(() => page(platform)),
  quarantine: once(() => quarantine(pipeline, platform)),
  query: once(() => query(pipeline, platform)),
  recompute: once(() => recompute(pipeline, platform)),
  reindex: once(() => reindex(pipeline, platform)),
  search: once(() => search(pipeline, platform)),
});
export type HostFunctions = ReturnType<typeof hostFunctions>;
