import type { z } from 'zod';
import pipeline from '#pipeline';
import { cellStore, clock, hasSearch, logStatus, onLambda, requestReindex, startRecompute, telemetry } from '#platform';
import { failures } from '../shared/batch/failures.ts';
import { type Generation, generations as listOf } from '../shared/batch/generations.ts';
import { readLook } from '../shared/batch/look.ts';
import { RECOMPUTE_REQUEST } from '../shared/batch/recompute-request.ts';
import { waitsFor } from '../shared/batch/waits-for.ts';
import { readProgress } from '../shared/consume/horizon.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { parseTime } from '../shared/definition/times.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { CellStore } from '../shared/ports/cell-store.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { EventLog } from '../shared/ports/event-log.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { type HttpHandler, json } from '../shared/request/http.ts';
import { fitting } from '../shared/request/page.ts';
import { pageOf } from '../shared/request/page-parameters.ts';
import { parsedBody } from '../shared/request/parsed-body.ts';
import { badRequest, notFound, Problem } from '../shared/request/problem.ts';
import { type ReindexRequestPorts, reindexRequest } from '../shared/search/reindex-request.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

export interface GenerationsPorts extends ReindexRequestPorts {
  readonly store: CellStore;
  readonly log: Pick<EventLog, 'status'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Starts a run of the batch layer, and does not wait for it. */
  readonly startRecompute: () => Promise<void>;
}

/** POST /recompute, GET /generations, POST /generations/{id}/activate; POST /reindex. */
export const generations = ({ store, log, clock, telemetry, startRecompute, ...ports }: GenerationsPorts): HttpHandler => {
  const list = listOf(store);
  return answering<'generations'>(telemetry, {
    'POST /recompute': async (request) => {
      const nowMs = clock();
      const asked = parsedBody(request, RECOMPUTE_REQUEST, '{"through":"2026-11-21T10:00:00Z"}');
      const isAtOnce = asked.repair === true && asked.through === undefined && (await list.active()) !== null;
      const throughMs = isAtOnce ? null : await inLogTime({ store, log }, throughOf(asked, nowMs), nowMs);
      const generation = await (asked.repair === true ? list.requestRepair(nowMs, throughMs) : list.request(nowMs, throughMs));
      await startRecompute();
      return json(202, view(generation, null), { location: '/generations' });
    },
    'POST /reindex': reindexRequest(ports),
    'GET /generations': async ({ query }) => {
      const { limit, after } = pageOf(query, GENERATION_ID, 'the id of a generation such as g000041');
      const active = await list.active();
      const { generations: page, hasMore } = await list.page(limit, after);
      const waits = waitsFor({ look: await readLook(store), failing: await failures(store).read(), nowMs: clock() });
      const views = page.map((generation) => ({ ...view(generation, active?.id ?? null), waitsFor: waits(generation) }));
      const shown = fitting(views);
      return json(200, { active: active?.id ?? null, generations: shown, next: hasMore || shown.length < views.length ? (shown.at(-1)?.id ?? null) : null });
    },
    'POST /generations/{id}/activate': async (request) => {
      const id = request.pathParameters.id;
      const generation = await list.get(id);
      if (generation === null) throw notFound(`There is no generation '${id.slice(0, 64)}'.`);
      // Recorded first, so that no run retires it meanwhile.
      if ((await list.updateIf(id, ({ state }) => state === 'published', { activatedAtMs: clock() })) === null)
        throw new Problem(409, 'not-published', 'The generation cannot be activated', `Expected a published generation, ${id} is ${generation.state}.`);
      const active = await list.active();
      if (active?.id !== id && !(await list.activate(id, active?.version ?? null)))
        throw new Problem(409, 'moved', 'Another generation was activated meanwhile', 'Read GET /generations and try again.');
      telemetry.info('Activated a generation', { generation: id, before: active?.id ?? null });
      return json(200, view(generation, id));
    },
  });
};

/** Events that arrive later need no recompute yet. */
const MAX_AHEAD_MS = 60_000;

/** What the generation must include: everything that arrived before this time, by default before now. */
const throughOf = ({ through }: z.infer<typeof RECOMPUTE_REQUEST>, nowMs: number): number => {
  // What arrived in this very millisecond came before the request.
  if (through === undefined) return nowMs + 1;
  const throughMs = parseTime(through);
  if (throughMs === null || throughMs > nowMs + MAX_AHEAD_MS)
    throw badRequest(`through: Expected a time up to now, ${new Date(nowMs).toISOString()}, got '${through}'`);
  return throughMs;
};

/**
 * The same in the log's own time, which may be ahead of the clock: if the horizon passed only the clock's time, records that
 * arrived before the request, but under later times, could be missing.
 */
const inLogTime = async ({ store, log }: Pick<GenerationsPorts, 'store' | 'log'>, throughMs: number, nowMs: number): Promise<number> => {
  const { aheadMs, floorMs } = await log.status();
  const progress = [...(await readProgress(store, 'aggregate')).values(), ...(await readProgress(store, 'archive')).values()];
  const epochsMs = progress.map(({ epochMs }) => epochMs).filter((epochMs) => epochMs > nowMs);
  // After a repair, new records are in the epoch with which the log begins.
  return Math.max(
    throughMs,
    ...(aheadMs > 0 ? [nowMs + aheadMs + 1] : []),
    ...(floorMs > nowMs ? [floorMs + 1] : []),
    ...epochsMs.map((epochMs) => epochMs + 1),
  );
};

const GENERATION_ID = /^g\d{6,12}$/;
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const view = ({ id, state, repair, requestedAtMs, throughMs, plan, publishedAtMs, error, counts, drift }: Generation, active: string | null) => {
  const known = Object.values(drift).flatMap(({ drift: difference }) => difference ?? []);
  return {
    id,
    generation: id,
    state,
    active: id === active,
    repair: repair === true,
    requestedAt: iso(requestedAtMs),
    through: iso(throughMs),
    horizon: iso(plan?.horizonMs ?? null),
    base: plan?.base ?? null,
    publishedAt: iso(publishedAtMs),
    counts,
    /** The sum of absolute differences over all metrics whose cells could be compared, so that they do not cancel each other out. */
    drift: known.length === 0 ? null : known.reduce((sum, difference) => sum + Math.abs(difference), 0),
    metrics: drift,
    error,
  };
};

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  {
    cellStore,
    clock,
    hasSearch,
    logStatus,
    requestReindex,
    startRecompute,
    telemetry,
  }: Pick<Platform, 'cellStore' | 'clock' | 'hasSearch' | 'logStatus' | 'requestReindex' | 'startRecompute' | 'telemetry'>,
) =>
  generations({
    pipeline,
    telemetry: telemetry(),
    store: cellStore(),
    log: { status: logStatus },
    clock,
    startRecompute,
    hasSearch: hasSearch(),
    requestReindex,
  });

export const handler = onLambda(() => onApiGateway(bind(pipeline, { cellStore, clock, hasSearch, logStatus, requestReindex, startRecompute, telemetry })));
