// Bundles TypeScript entry points with the pipeline in some 30 ms, for Node to run.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/** Process ids of other machines or containers that share the folder are meaningless here. */
const machine = hostname().replace(/[^\w.]/g, '_');

/** Removes what killed processes left behind. */
const removeStale = (cache) => {
  for (const name of existsSync(cache) ? readdirSync(cache) : []) {
    const [, of, pid] = /-([\w.]+)-(\d+)$/.exec(name) ?? [];
    if (of === machine && !isAlive(Number(pid))) rmSync(resolve(cache, name), { recursive: true, force: true });
  }
};
const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Builds name → entry point, with '#pipeline' resolved, and returns the URL of the first. */
export const bundle = async (entryPoints, name, pipeline) => {
  // Inside the repository, so that packages resolve; one folder per process, so that two can run at a time.
  const cache = resolve(root, 'node_modules/.cache/twinstream');
  removeStale(cache);
  const outdir = resolve(cache, `${name}-${machine}-${process.pid}`);
  await build({
    absWorkingDir: root,
    outdir,
    entryPoints,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    outExtension: { '.js': '.mjs' },
    sourcemap: true,
    logLevel: 'warning',
    nodePaths: [resolve(root, 'node_modules')],
    alias: {
      twinstream: resolve(root, 'shared/pipeline.ts'),
      '#pipeline': resolve(root, pipeline),
      '#platform': resolve(root, 'shared/platforms/embedded.ts'),
    },
  });
  await stop();
  return { url: pathToFileURL(resolve(outdir, `${Object.keys(entryPoints)[0]}.mjs`)).href, outdir };
};
