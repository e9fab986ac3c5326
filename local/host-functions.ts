import { aggregate } from '../functions/aggregate.ts';
import { archive } from '../functions/archive.ts';
import { exclusions } from '../functions/exclusions.ts';
import { generations } from '../functions/generations.ts';
import { heartbeat } from '../functions/heartbeat.ts';
import { indexEntities } from '../functions/index-entities.ts';
import { ingest } from '../functions/ingest.ts';
import { letters } from '../functions/letters.ts';
import { materialize } from '../functions/materialize.ts';
import { quarantine } from '../functions/quarantine.ts';
import { query } from '../functions/query.ts';
import { recompute } from '../functions/recompute.ts';
import { reindex } from '../functions/reindex.ts';
import { search } from '../functions/search.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { once } from '../shared/platforms/once.ts';
import type { Platform } from '../shared/platforms/platform.ts';

/** The parts of the platform that functions on one machine need. */
export type HostPlatform = Omit<Platform, 'onLambda' | 'tokens'>;

/** Every function over a platform of one machine, created on first use; that opens the stores that it needs. */
export const hostFunctions = (pipeline: Pipeline, platform: HostPlatform) => {
  const { cellStore, clock, deadLetters, entityStore, eventLog, lake, searchIndex, settings, startRecompute } = platform;
  const { epochLengthMs, duplicateWindowMs, keepGenerations, parallelQueries, recomputeEveryMs } = settings();
  const telemetry = platform.telemetry();
  const times = { clock, epochLengthMs, duplicateWindowMs };
  const quarantined = platform.quarantine;
  const accepting = () => ({ pipeline, telemetry, clock, log: eventLog(), quarantine: quarantined(), lanes: platform.lanes() });
  const folding = () => ({ pipeline, telemetry, ...times, store: cellStore(), log: eventLog(), quarantine: quarantined() });
  return {
    ingest: once(() => ingest(accepting())),
    quarantine: once(() => quarantine({ ...accepting(), lake: lake() })),
    heartbeat: once(() => heartbeat({ telemetry, clock, log: eventLog(), store: cellStore() })),
    aggregate: once(() => aggregate(folding())),
    archive: once(() => archive({ telemetry, clock, epochLengthMs, store: cellStore(), log: eventLog(), lake: lake() })),
    materialize: once(() => materialize({ ...folding(), entities: entityStore() })),
    indexEntities: once(() => indexEntities({ pipeline, telemetry, clock, index: searchIndex(), quarantine: quarantined() })),
    recompute: once(() =>
      recompute({
        pipeline,
        telemetry,
        ...times,
        store: cellStore(),
        log: eventLog(),
        readLog: platform.readLog(),
        lake: lake(),
        engine: platform.sqlEngine(),
        parallel: parallelQueries,
        keep: keepGenerations,
        retryMs: recomputeEveryMs,
        uriOf: platform.lakeUri,
        compactsRaw: platform.compactsRaw,
        alone: platform.alone,
        startRecompute,
      }),
    ),
    query: once(() =>
      query({ pipeline, telemetry, clock, store: cellStore(), lake: lake(), log: eventLog(), room: platform.room(), indexLag: platform.indexLag }),
    ),
    generations: once(() =>
      generations({
        pipeline,
        telemetry,
        clock,
        store: cellStore(),
        log: { status: platform.logStatus },
        startRecompute,
        hasSearch: platform.hasSearch(),
        requestReindex: platform.requestReindex,
      }),
    ),
    exclusions: once(() => exclusions({ telemetry, clock, epochLengthMs, store: cellStore(), lake: lake(), startRecompute })),
    letters: once(() => letters({ ...folding(), deadLetters: deadLetters(), entities: entityStore(), lake: lake(), startRecompute })),
    search: once(() => search({ pipeline, telemetry, clock, entities: entityStore(), index: searchIndex() })),
    reindex: once(() =>
      reindex({
        pipeline,
        telemetry,
        clock,
        entities: entityStore(),
        index: searchIndex(),
        quarantine: quarantined(),
        startReindex: platform.startReindex,
      }),
    ),
  };
};
export type HostFunctions = ReturnType<typeof hostFunctions>;
