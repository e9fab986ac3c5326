import { access } from '../local/access.ts';
import { corsOf } from '../local/cors.ts';
import { hostFunctions } from '../local/host-functions.ts';
import { liveHere } from '../local/live.ts';
import { stats } from '../local/stats.ts';
import { prometheusFigures } from '../shared/adapters/telemetry/prometheus.ts';
import { gate } from '../shared/auth/gate.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { watchedCells } from '../shared/live/changes.ts';
import { embeddedPlatform } from '../shared/platforms/embedded-platform.ts';
import { readSettings } from '../shared/platforms/embedded-settings.ts';
import type { Consumer } from '../shared/ports/log-reader.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import type { InProcessOptions, TestApp } from './app.ts';
import { calls, listed } from './calls.ts';
import { consumption } from './consumption.ts';
import { HERE, servedHere } from './served-here.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Epochs of a second: `recompute` advances the clock by one. */
const EPOCH_MS = 1_000;
const CONTEXT = { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY };

/** Figures as on a host; of its log, only problems are printed. */
const telemetryTo = (figures: Pick<Telemetry, 'count' | 'gauge' | 'observe'>): Telemetry => ({
  debug: () => {},
  info: () => {},
  warn: (message, fields) => console.warn(message, fields),
  error: (message, fields) => console.error(message, fields),
  ...figures,
});

/** Everything of a host except its threads and its schedule, in this thread: nothing runs on its own. */
export const inProcess = async <P extends Pipeline>(pipeline: P, { clock: given = Date.now }: InProcessOptions): Promise<TestApp<P>> => {
  const folder = temporaryFolder();
  let aheadMs = 0;
  const clock = (): number => given() + aheadMs;
  const settings = { ...readSettings({}), dataDir: folder.path, epochLengthMs: EPOCH_MS, shards: 1, recomputeEveryMs: 0 };
  const figures = prometheusFigures();
  const telemetry = telemetryTo(figures);
  const platform = embeddedPlatform({ settings: () => settings, clock, telemetry: () => telemetry, owned: () => undefined });
  const live = liveHere({
    pipeline,
    rowsOf: (wanted) => functions.liveRows(wanted, CONTEXT),
    telemetry,
  });
  const functions = hostFunctions(pipeline, { ...platform, cellStore: () => watchedCells(platform.cellStore(), live.feed.written) });
  const hasEntities = Object.keys(pipeline.entities).length > 0;
  const consumers: readonly Consumer[] = ['aggregate', 'archive', ...(hasEntities ? (['materialize'] as const) : [])];
  const [log, store] = [platform.eventLog(), platform.cellStore()];
  const { take, index } = consumption({ functions: () => functions, log, store, entities: platform.entityStore });

  const takeAll = async (): Promise<void> => {
    await take(...consumers);
    if (hasEntities) await index();
  };
  /** One at a time. */
  let work: Promise<unknown> = Promise.resolve();
  const next = <T>(run: () => Promise<T>): Promise<T> => {
    const result = work.then(run);
    work = result.catch(() => {});
    return result;
  };
  const settled = (): Promise<void> => next(takeAll);

  const watch = stats({ registry: figures.registry, store, log, indexLag: hasEntities ? platform.indexLag : null, consumers, clock, telemetry });
  if (hasEntities) await functions.reindex({}, CONTEXT);
  const tokens = { gate: gate({ tokens: platform.tokens(), clock }), host: HERE };
  const server = await servedHere({
    functions: () => functions,
    stats: watch.handler,
    live: live.streams.handler,
    authorize: access({ ...tokens, figures: telemetry }),
    cors: corsOf(tokens),
    answered: watch.answered,
  });
  const stop = async (): Promise<void> => {
    await work;
    live.streams.stop();
    await server.close();
    platform.close();
    folder.remove();
  };
  return {
    url: server.url,
    settled,
    ...calls<P>(server.url, settled),
    recompute: () =>
      next(async () => {
        aheadMs += EPOCH_MS;
        await functions.heartbeat();
        await takeAll();
        const generation = await functions.recompute({}, CONTEXT);
        if (generation === null) return null;
        if (generation.state === 'failed') throw new Error(`Expected a generation to be published, it failed: ${generation.error}`);
        live.feed.changedAtLarge();
        const { id, drift } = await listed(server.url, generation.id);
        return { id, drift };
      }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
