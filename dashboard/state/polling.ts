import type { Status } from '../../client/status.ts';
import { ApiError, call } from '../api/http.ts';
import type { Metric } from '../api/types.ts';
import { contact, isLive, known, session, tick } from './session.ts';

/** How often the server is asked what is new, while somebody looks. */
const EVERY_MS = 2_000;
const SILENT_EVERY_MS = 5_000;
/** Metrics change only with the pipeline, or as one becomes ready. */
const METRICS_EVERY = 15;
/** So many times in a row a status may fail, as while a server starts, before the page says so. */
const FAILURES = 3;

/** What of a status means that numbers may have changed. */
const markOf = ({ events, batch, down }: Status): string => JSON.stringify([events.total, events.lastArrival, batch.generation, batch.horizon, down.length]);

/**
 * Follows the server by asking for its status, which costs it a few reads, and has everything else ask again only if that
 * changed. Asks nothing while the tab is hidden.
 */
export const startPolling = (): void => {
  let round = 0;
  let failures = 0;
  let seen = tick.get();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = async (): Promise<void> => {
    const before = known.get();
    try {
      const [status, listed] = await Promise.all([
        call<Status>('/status'),
        before === null || round % METRICS_EVERY === 0 ? call<{ readonly metrics: readonly Metric[] }>('/metrics') : null,
      ]);
      round++;
      failures = 0;
      const wasSilent = contact.get().kind === 'silent';
      session.heard({ metrics: listed?.metrics ?? before?.metrics ?? [], status, heardAtMs: Date.now() });
      const hasChanged = isLive.get() && markOf(status) !== markOf(before?.status ?? status);
      // What was pushed since the last look has been asked for.
      if (before !== null && (wasSilent || (hasChanged && tick.get() === seen))) tick.set(tick.get() + 1);
      seen = tick.get();
    } catch (error) {
      failures++;
      session.failed(error);
      const status = error instanceof ApiError ? error.status : 0;
      if (status === 403) contact.set({ kind: 'token', refused: 'scope' });
      else if (status !== 401 && failures >= FAILURES) session.silent();
    }
  };
  const plan = (): void => {
    clearTimeout(timer);
    if (document.hidden || contact.get().kind === 'token') return;
    timer = setTimeout(run, contact.get().kind === 'silent' ? SILENT_EVERY_MS : EVERY_MS);
  };
  const run = (): void => void look().finally(plan);

  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : run()));
  contact.subscribe(() => contact.get().kind === 'loading' && run());
  isLive.subscribe(() => isLive.get() && tick.set(tick.get() + 1));
  run();
};
