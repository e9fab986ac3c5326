// A worker thread: what reads and recomputes, so that a heavy question never holds up the events that come in.
import { parentPort } from 'node:worker_threads';
import { handler as exclusions } from '../functions/exclusions.ts';
import { handler as generations } from '../functions/generations.ts';
import { handler as letters } from '../functions/letters.ts';
import { handler as quarantine } from '../functions/quarantine.ts';
import { handler as query } from '../functions/query.ts';
import { handler as recompute } from '../functions/recompute.ts';
import { handler as reindex } from '../functions/reindex.ts';
import { handler as search } from '../functions/search.ts';

const functions = { exclusions, generations, letters, quarantine, query, recompute, reindex, search } as const;
export type BackOfficeFunction = keyof typeof functions;
export interface BackOfficeCall {
  readonly id: number;
  readonly name: BackOfficeFunction;
  readonly event: unknown;
}

const context = { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY };

parentPort?.on('message', async ({ id, name, event }: BackOfficeCall) => {
  try {
    const call = functions[name] as (event: unknown, context: unknown) => Promise<unknown>;
    parentPort?.postMessage({ id, result: await call(event, context) });
  } catch (error) {
    parentPort?.postMessage({ id, error: (error as Error).message });
  }
});
