import { Worker } from 'node:worker_threads';
import type { WantedRows } from '../shared/live/current-rows.ts';
import type { Settings } from '../shared/platforms/embedded-settings.ts';
import { MB, machineBytes } from '../shared/platforms/machine.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import type { Row } from '../shared/query/rows.ts';
import type { HttpAnswer, HttpRequest } from '../shared/request/http.ts';
import type { BackOfficeFunction } from './back-office.ts';
import { callPool } from './call-pool.ts';
import type { ServedContext } from './http-server.ts';
import { resourceLimits, script } from './threads.ts';

export interface PoolsOptions {
  /** Passed to each thread. */
  readonly settings: Settings;
  readonly telemetry: Telemetry;
}

/** The functions that the host itself calls. */
type HostFunction = 'recompute' | 'reindex' | 'due' | 'liveRows';

const GRACE_MS = 2_000;
const LIVE_LIMIT_MS = 10_000;

/**
 * The thread pools, arranged so that none waits for another: threads for queries, whose cost cannot be predicted; one for
 * short calls, health among them; one for the batch layer and search indexes; one for live rows. Each starts when it is first needed.
 */
export const pools = ({ settings, telemetry }: PoolsOptions) => {
  const { queryThreads, queryTimeoutMs } = settings;
  const start = (limits: object) => () => new Worker(script('back-office'), { workerData: { settings }, resourceLimits: { ...resourceLimits, ...limits } });
  // Together they take a quarter of the memory at most; a thread that needs more ends by itself.
  const maxOldGenerationSizeMb = Math.max(512, Math.floor(machineBytes() / 4 / queryThreads / MB));
  const questions = callPool(
    { name: 'questions', threads: queryThreads, atOnce: 1, queued: 64, limitMs: queryTimeoutMs, graceMs: GRACE_MS },
    start({ maxOldGenerationSizeMb }),
    telemetry,
  );
  const unbounded = { threads: 1, limitMs: null, graceMs: GRACE_MS };
  const office = callPool({ ...unbounded, name: 'office', atOnce: 16, queued: 256 }, start({}), telemetry);
  const batch = callPool({ ...unbounded, name: 'batch', atOnce: 4, queued: 64 }, start({}), telemetry);
  const live = callPool({ ...unbounded, name: 'live', atOnce: 1, queued: 1, limitMs: LIVE_LIMIT_MS }, start({ maxOldGenerationSizeMb }), telemetry);
  return {
    /** An HTTP call. */
    answered:
      (name: Exclude<BackOfficeFunction, HostFunction>) =>
      (request: HttpRequest, { signal }: Pick<ServedContext, 'signal'>): Promise<HttpAnswer> =>
        (isQuestion(name, request) ? questions : office).call<HttpAnswer>(name, request, signal ?? null),
    /** Work of the batch layer, or on search indexes. */
    batch: <R>(name: Exclude<HostFunction, 'liveRows'>, event: unknown): Promise<R> => batch.call<R>(name, event, null),
    liveRows: (wanted: WantedRows): Promise<readonly Row[]> => live.call<readonly Row[]>('liveRows', wanted, null),
    stop: async (): Promise<void> => {
      await Promise.all([questions.stop(), office.stop(), batch.stop(), live.stop()]);
    },
  };
};
export type Pools = ReturnType<typeof pools>;

/** Routes that read both layers. */
const QUESTIONS: readonly string[] = ['GET /metrics/{name}', 'GET /metrics/{name}/values/{dimension}', 'POST /query'];
const isQuestion = (name: BackOfficeFunction, { route }: HttpRequest): boolean => name === 'search' || name === 'explain' || QUESTIONS.includes(route);
