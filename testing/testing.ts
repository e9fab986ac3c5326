import { fileURLToPath } from 'node:url';
import type { Pipeline } from '../shared/definition/define.ts';
import type { HostOptions, InProcessOptions, TestApp } from './app.ts';
import { inProcess } from './in-process.ts';
import { ownProcess } from './own-process.ts';

export { TwinstreamError } from '../client/error.ts';
export type { Found, Generation, HostOptions, InProcessOptions, Rejection, SearchQuestion, Sent, TestApp } from './app.ts';

/**
 * Starts a Twinstream with a pipeline for a test, in a temporary folder and on a free port. Any number of them run side by side.
 * With a pipeline, it runs in this thread, by the given clock, and processes what was sent when it is queried. With the URL of a
 * pipeline's file, it is the host that `twinstream start` runs: a process of its own, with threads and the machine's clock.
 * @example
 * const app = await startTwinstream(pipeline, { clock: () => Date.parse('2026-11-21T10:00:00Z') });
 * await app.send('order', { placedAt: '2026-11-21T09:58:00Z', price: '19.90' });
 * const { rows } = await app.ask('sales', { measures: ['orders'] });
 * await app.stop();
 */
export function startTwinstream<P extends Pipeline>(pipeline: P, options?: InProcessOptions): Promise<TestApp<P>>;
export function startTwinstream<P extends Pipeline>(file: URL, options?: HostOptions): Promise<TestApp<P>>;
export function startTwinstream<P extends Pipeline>(of: P | URL, options: InProcessOptions & HostOptions = {}): Promise<TestApp<P>> {
  return of instanceof URL ? ownProcess<P>(fileURLToPath(of), options.env ?? {}) : inProcess(of, options);
}
