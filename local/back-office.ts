// A worker thread of a pool: answers queries and recomputes, so that none of that delays ingest.
import { parentPort } from 'node:worker_threads';
import { bound as exclusions } from '../functions/exclusions.ts';
import { bound as generations } from '../functions/generations.ts';
import { bound as letters } from '../functions/letters.ts';
import { bound as quarantine } from '../functions/quarantine.ts';
import { bound as query } from '../functions/query.ts';
import { handler as recompute } from '../functions/recompute.ts';
import { handler as reindex } from '../functions/reindex.ts';
import { bound as search } from '../functions/search.ts';
import type { CallContext, HttpHandler } from '../shared/request/http.ts';
import { due } from './due.ts';

/** Created at its first call. */
const answering =
  (bound: () => HttpHandler): HttpHandler =>
  (request, context) =>
    bound()(request, context);
const functions = {
  due,
  recompute,
  reindex,
  exclusions: answering(exclusions),
  generations: answering(generations),
  letters: answering(letters),
  quarantine: answering(quarantine),
  query: answering(query),
  search: answering(search),
} as const;
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
