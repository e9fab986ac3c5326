// A worker thread of a pool: answers queries and recomputes, so that none of that delays ingest.
import { parentPort } from 'node:worker_threads';
import pipeline from '#pipeline';
import * as platform from '#platform';
import type { CallContext } from '../shared/request/http.ts';
import { due } from './due.ts';
import { hostFunctions } from './host-functions.ts';

const { events, exclusions, explain, generations, letters, liveRows, lookups, quarantine, query, recompute, reindex, search } = hostFunctions(
  pipeline,
  platform,
);
const functions = { due, events, exclusions, explain, generations, letters, liveRows, lookups, quarantine, query, recompute, reindex, search } as const;
export type BackOfficeFunction = keyof typeof functions;
export interface BackOfficeCall {
  readonly id: number;
  readonly name: BackOfficeFunction;
  readonly event: unknown;
  /** How long it may take; null for no limit. */
  readonly limitMs: number | null;
  /** 1 once its caller has gone. */
  readonly flag: Int32Array;
}
export interface BackOfficeResult {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

parentPort?.on('message', async ({ id, name, event, limitMs, flag }: BackOfficeCall) => {
  const endsAtMs = limitMs === null ? Number.POSITIVE_INFINITY : performance.now() + limitMs;
  const context: CallContext = {
    getRemainingTimeInMillis: () => endsAtMs - performance.now(),
    signal: {
      get aborted() {
        return Atomics.load(flag, 0) === 1;
      },
    },
  };
  const answer = (result: BackOfficeResult) => parentPort?.postMessage(result);
  try {
    const call = functions[name] as (event: unknown, context: CallContext) => Promise<unknown>;
    answer({ id, result: await call(event, context) });
  } catch (error) {
    answer({ id, error: (error as Error).message });
  }
});
