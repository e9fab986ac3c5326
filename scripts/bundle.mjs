// Bundles TypeScript entry points with the pipeline in some 30 ms, for Node to run.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/** Builds name → entry point, and answers the URL of the first. */
export const bundle = async (entryPoints, name) => {
  const { path } = createRequire(import.meta.url)('./pipeline-path.cjs');
  if (!existsSync(path)) {
    console.error(`PIPELINE: Expected a file, found nothing at ${path}`);
    process.exit(1);
  }
  // Inside the repository, so that packages resolve; one folder a process, so that two may run.
  const outdir = resolve(root, 'node_modules/.cache/twinstream', `${name}-${process.pid}`);
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
    alias: { twinstream: resolve(root, 'shared/pipeline.ts'), '#pipeline': path, '#platform': resolve(root, 'shared/platform/embedded.ts') },
  });
  await stop();
  return { url: pathToFileURL(resolve(outdir, `${Object.keys(entryPoints)[0]}.mjs`)).href, outdir };
};
