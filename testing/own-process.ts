import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Pipeline } from '../shared/definition/define.ts';
import type { Environment } from '../shared/platforms/environment.ts';
import type { TestApp } from './app.ts';
import { call, calls, listed } from './calls.ts';
import { spawnHost } from './host-process.ts';
import { isCaughtUp } from './lag.ts';
import { temporaryFolder } from './temporary-folder.ts';

const LOOK_MS = 20;
const PATIENCE_MS = 120_000;

/** The command line of the package, or of this repository. */
const SCRIPT = ['../cli/twinstream.js', '../scripts/twinstream.mjs'].map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync) ?? '';

/** A host as `twinstream start` runs it, on a folder of its own. */
export const ownProcess = async <P extends Pipeline>(pipelinePath: string, env: Environment): Promise<TestApp<P>> => {
  const folder = temporaryFolder();
  const set = { LOG_LEVEL: 'warn', EPOCH: '1s', SHARDS: '1', ...env, PORT: '0', DATA_DIR: folder.path, PIPELINE: pipelinePath };
  const host = await spawnHost([SCRIPT, 'start'], set).catch(async (error) => {
    folder.remove();
    throw error;
  });
  const { url } = host;
  const settled = () => until(`everything that was sent to show`, () => isCaughtUp(url));
  const stop = async (): Promise<void> => {
    await host.stop();
    folder.remove();
  };
  return {
    url,
    settled,
    ...calls<P>(url, settled),
    recompute: async () => {
      const { status, body } = await call<{ id: string; detail?: string }>(url, 'POST', '/recompute', '{}');
      if (status !== 202) throw new Error(`Expected POST /recompute to be answered 202, got ${status}: ${body.detail ?? ''}`);
      await until(`generation ${body.id} to be published`, async () => {
        const { state, error } = await listed(url, body.id);
        if (state === 'failed') throw new Error(`Expected generation ${body.id} to be published, it failed: ${error}`);
        return state === 'published';
      });
      const { id, drift } = await listed(url, body.id);
      return { id, drift };
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
};

const until = async (what: string, look: () => Promise<boolean>): Promise<void> => {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await look())) {
    if (performance.now() > deadlineMs) throw new Error(`Expected ${what} within ${PATIENCE_MS / 1_000} s`);
    await wait(LOOK_MS);
  }
};
