// The one-machine host: the same functions as on AWS, behind an HTTP server, pollers and a scheduler of its own.

import { ownFolder } from '../shared/adapters/files/folder-owner.ts';
import { writeSeal } from '../shared/adapters/files/folder-seal.ts';
import { pinoTelemetry } from '../shared/adapters/telemetry/pino.ts';
import { prometheusFigures } from '../shared/adapters/telemetry/prometheus.ts';
import { gate } from '../shared/auth/gate.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { embeddedPlatform } from '../shared/platforms/embedded-platform.ts';
import type { Settings } from '../shared/platforms/embedded-settings.ts';
import { ownCommand } from '../shared/platforms/own-command.ts';
import { access, demandTokens } from './access.ts';
import { noteLog } from './check/note-log.ts';
import { checkedAtStart } from './check/start.ts';
import { closeFolder } from './close-folder.ts';
import { consumerThreads } from './consumer-threads.ts';
import { corsOf } from './cors.ts';
import { haveDefinitionsChanged } from './definitions-changed.ts';
import { diskReserve } from './disk-reserve.ts';
import { hostFunctions } from './host-functions.ts';
import { housekeeping } from './housekeeping.ts';
import { CONNECTION_LIMITS, httpServer } from './http-server.ts';
import { closed, listening } from './listening.ts';
import { liveHere } from './live.ts';
import { pools } from './pools.ts';
import { prepareFolder } from './prepare-folder.ts';
import { scheduler } from './scheduler.ts';
import { served } from './served.ts';
import { stats } from './stats.ts';
import { demandWritable } from './writable.ts';

export interface Host {
  readonly url: string;
  /** Graceful shutdown: finishes what is under way, accepts nothing more, and leaves complete files in the folder, which another process may then own. */
  close(): Promise<void>;
}

const clock = Date.now;

/**
 * Starts a host on the folder of its settings. Its threads load the module `#pipeline`, which must be the given one.
 * @throws {FolderOwnedError} if another process owns the folder.
 * @throws {RangeError} for a setting that cannot work here, or a folder that needs a repair.
 * @example
 * const host = await startHost(readSettings({ DATA_DIR: 'data', PORT: '0' }), pipeline);
 * await fetch(`${host.url}/health`);
 * await host.close();
 */
export const startHost = async (settings: Settings, pipeline: Pipeline): Promise<Host> => {
  /** Functions that close what is open; called in reverse order. */
  const open: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of open.splice(0).reverse()) await end();
  };
  try {
    return { url: await start(settings, pipeline, open), close };
  } catch (error) {
    await close();
    throw error;
  }
};

const start = async (settings: Settings, pipeline: Pipeline, open: (() => unknown)[]): Promise<string> => {
  const { dataDir, epochLengthMs, heartbeatEveryMs, recomputeEveryMs, keepLogBytes } = settings;
  const figures = prometheusFigures();
  const telemetry = pinoTelemetry({ level: settings.logLevel, isTerminal: process.stdout.isTTY === true, figures });
  // Before anything in the folder is touched: another process may own it.
  const folder = ownFolder(dataDir, { command: ownCommand(), clock });
  open.push(() => telemetry.info('Stopped', {}), folder.release);
  prepareFolder(dataDir);
  const platform = embeddedPlatform({ settings: () => settings, clock, telemetry: () => telemetry, owned: () => undefined });
  const tokens = gate({ tokens: platform.tokens(), clock });
  await demandTokens(tokens, settings.host, telemetry);
  demandWritable(dataDir);
  const reserve = diskReserve(dataDir, platform.room(), telemetry);
  reserve.giveWay();
  await checkedAtStart(dataDir, { clock, telemetry });
  open.push(async () => {
    closeFolder(dataDir, telemetry);
    await writeSeal(dataDir);
  });

  open.push(platform.close);
  const [log, store] = [platform.eventLog(), platform.cellStore()];
  log.reshard(settings.shards, { beginsEpoch: await haveDefinitionsChanged(store, pipeline) });
  await noteLog(store, log);
  const hasEntities = Object.keys(pipeline.entities).length > 0;
  const work = pools({ settings, telemetry });
  const live = liveHere({ pipeline, rowsOf: work.liveRows, telemetry });
  const threads = consumerThreads({ settings, hasEntities, log, store, written: live.feed.written, telemetry });
  const { consumers, wake } = threads;
  const entities = hasEntities ? platform.entityStore() : null;
  const keep = housekeeping({ dataDir, log, store, entities, consumers, keepLogBytes, clock, telemetry });
  keep.convert();
  open.push(work.stop, threads.stop);
  const watch = stats({ registry: figures.registry, store, log, indexLag: hasEntities ? platform.indexLag : null, consumers, clock, telemetry });
  const functions = hostFunctions(pipeline, platform);

  const beat = async (): Promise<void> => {
    if (platform.room().look().isFull) return;
    await functions.heartbeat();
    wake();
  };
  const recompute = async (): Promise<void> => {
    if ((await work.batch<unknown>('recompute', {})) !== null) live.feed.changedAtLarge();
  };
  const requested = async (): Promise<void> => {
    if (await work.batch<boolean>('due', null)) await tasks.now('recompute');
  };
  const tasks = scheduler(
    [
      { name: 'heartbeat', everyMs: heartbeatEveryMs, run: beat },
      { name: 'recompute', everyMs: recomputeEveryMs, run: recompute },
      { name: 'requested', everyMs: Math.min(epochLengthMs, 5_000), run: requested },
      // An index that is missing, or that an older pipeline created.
      ...(hasEntities ? [{ name: 'reindex', everyMs: 60_000, run: () => work.batch('reindex', {}) }] : []),
      { name: 'trim', everyMs: 60_000, run: keep.trim },
      { name: 'disk', everyMs: 2_000, run: async () => reserve.look() },
      { name: 'wals', everyMs: 10_000, run: async () => keep.emptyWals() },
      { name: 'tidy', everyMs: 600_000, run: keep.tidy },
    ],
    telemetry,
  );
  const server = httpServer(
    {
      functions: served({
        ingest: functions.ingest,
        page: functions.page,
        stats: watch.handler,
        live: live.streams.handler,
        changedAtLarge: live.feed.changedAtLarge,
        work,
        wake,
        tasks,
        telemetry,
      }),
      authorize: access({ gate: tokens, host: settings.host, figures: telemetry }),
      cors: corsOf({ gate: tokens, host: settings.host }),
      answered: watch.answered,
    },
    CONNECTION_LIMITS,
  );

  await threads.start();
  await beat();
  open.push(
    tasks.stop,
    () => closed(server),
    live.streams.stop,
    () => telemetry.info('Draining', {}),
  );
  const url = await listening(server, settings);
  folder.listensOn(url);
  tasks.start();
  if (hasEntities) void tasks.now('reindex');
  telemetry.info(`Twinstream listens on ${url}`, {
    url,
    dataDir,
    shards: settings.shards,
    epochMs: epochLengthMs,
    events: Object.keys(pipeline.events),
    metrics: Object.keys(pipeline.metrics),
    entities: Object.keys(pipeline.entities),
  });
  return url;
};
