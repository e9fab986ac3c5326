import type { Written } from '../../shared/live/changes.ts';
import type { WantedRows } from '../../shared/live/current-rows.ts';
import { liveFeed } from '../../shared/live/feed.ts';
import type { LiveMessage } from '../../shared/live/message.ts';
import type { Row } from '../../shared/query/rows.ts';
import { metricId } from '../../shared/storage/keys.ts';
import { hits, quiet } from '../support/world.ts';

export const MINUTE = 60_000;
const idOf = (name: 'hits' | 'odd'): string => metricId(hits.metrics[name] as { name: string; hash: string });
export const changed = (...windows: readonly number[]): Written => ({ changes: { [idOf('hits')]: { windows, more: false } }, hasProgressed: false });

/** A feed of which a test moves the clock, and says what its windows hold. */
export const world = () => {
  let nowMs = 0;
  let timer: { readonly atMs: number; readonly run: () => void } | null = null;
  const values = new Map<number, number>();
  const unfinished = new Set<number>();
  const asked: WantedRows[] = [];
  let failure: Error | null = null;
  let takesMs = 0;
  const feed = liveFeed({
    pipeline: hits,
    instance: 'a',
    clock: () => nowMs,
    after: (ms, run) => {
      const own = { atMs: nowMs + ms, run };
      timer = own;
      return () => {
        if (timer === own) timer = null;
      };
    },
    rowsOf: async (wanted): Promise<readonly Row[]> => {
      asked.push(wanted);
      nowMs += takesMs;
      if (failure !== null) throw failure;
      return wanted.windows.map((atMs) => ({
        window: new Date(atMs).toISOString(),
        hits: values.get(atMs) ?? 0,
        ...(unfinished.has(atMs) ? { complete: false } : {}),
      }));
    },
    telemetry: quiet,
  });
  /** Moves the clock to the next computation, if one is due. Returns how long that took, or null. */
  const next = async (): Promise<number | null> => {
    if (timer === null) return null;
    const { atMs, run } = timer;
    const waitedMs = atMs - nowMs;
    timer = null;
    nowMs = atMs;
    run();
    await new Promise((resolve) => setImmediate(resolve));
    return waitedMs;
  };
  const subscriber = (lastId: string | null, metrics: readonly string[] = ['hits']) => {
    const got: LiveMessage[] = [];
    let id = '';
    let isReady = true;
    const subscription = feed.subscribe({
      metrics,
      lastId,
      isReady: () => isReady,
      take: (messages, at) => {
        id = at;
        got.push(...messages.map((text) => JSON.parse(text) as LiveMessage));
      },
    });
    return {
      ...subscription,
      taken: () => got.splice(0),
      id: () => id,
      stall: () => {
        isReady = false;
      },
      readOn: () => {
        isReady = true;
        subscription.ready();
      },
    };
  };
  const set = (atMs: number, value: number): void => {
    values.set(atMs, value);
    feed.written(changed(atMs));
  };
  return {
    feed,
    next,
    subscriber,
    set,
    asked,
    unfinished,
    fail: (error: Error | null) => {
      failure = error;
    },
    take: (ms: number) => {
      takesMs = ms;
    },
  };
};
export const row = (atMs: number, value: number) => ({ window: new Date(atMs).toISOString(), hits: value });
