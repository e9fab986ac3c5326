import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type BuildOptions, build, type Plugin, stop } from 'esbuild';
import { builtModule } from '../local/built.ts';
import { PIPELINE_OPTION } from './command.ts';

/** The requested file: --pipeline FILE, the environment variable PIPELINE, else pipeline.ts here. */
export const pipelineFile = (args: readonly string[]): string => {
  const { values } = parseArgs({ args: [...args], options: PIPELINE_OPTION, strict: false });
  const { PIPELINE, INIT_CWD = '.' } = process.env;
  const [from, path] =
    typeof values.pipeline === 'string'
      ? ['--pipeline', resolve(INIT_CWD, values.pipeline)]
      : PIPELINE
        ? ['PIPELINE', resolve(INIT_CWD, PIPELINE)]
        : ['pipeline.ts', resolve('pipeline.ts')];
  if (!existsSync(path)) throw new RangeError(`${from}: Expected a file, found nothing at ${path}`);
  return path;
};

/** The measures of the pipeline must be those of the host that runs it, whichever copy of the package is nearest to the file. */
const hostsOwnModule: Plugin = {
  name: 'hosts-own-module',
  setup: ({ onResolve }) => onResolve({ filter: /^twinstream$/ }, () => ({ path: builtModule('shared', 'pipeline').href, external: true })),
};

/** Bundles the pipeline with what it imports by relative paths; packages stay imports. */
export const bundleOptions = (file: string) =>
  ({
    entryPoints: [file],
    outfile: outfile(file, 0),
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'silent',
    plugins: [hostsOwnModule],
  }) satisfies BuildOptions;

/** Process ids of other machines or containers that share the folder are meaningless here. */
const machine = hostname().replace(/[^\w.]/g, '_');

/** Beside the packages that the file itself would find, so that its imports resolve from the bundle as well. */
const outfile = (file: string, version: number): string => join(cacheFolder(file), `pipeline-${machine}-${process.pid}-${version}.mjs`);
const cacheFolder = (file: string): string => {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules'))) return join(folder, 'node_modules/.cache/twinstream');
    // Outside of any repository, the packages of this one are there.
    if (dirname(folder) === folder) return resolve('node_modules/.cache/twinstream');
  }
};

/** Writes a bundle, and returns its URL. Each version has a file of its own: a running host loads its version again when a thread restarts. */
export const writeBundle = (file: string, version: number, contents: Uint8Array): string => {
  const path = outfile(file, version);
  mkdirSync(dirname(path), { recursive: true });
  if (version === 0) removeStale(dirname(path));
  writeFileSync(path, contents);
  process.on('exit', () => rmSync(path, { force: true }));
  return pathToFileURL(path).href;
};

/** Removes what killed processes left behind. */
const removeStale = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const [, of, pid] = /^pipeline-([\w.]+)-(\d+)-\d+\.mjs$/.exec(name) ?? [];
    if (of === machine && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
};
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Bundles the user's pipeline for this process and its threads, which find it as '#pipeline' (local/user-pipeline.ts), and
 * loads it once, so that a mistake in it is reported before anything else happens.
 */
export const usePipeline = async (args: readonly string[]): Promise<void> => {
  // A watching parent process has done it.
  if (process.env.TWINSTREAM_PIPELINE !== undefined) return;
  const file = pipelineFile(args);
  const { outputFiles } = await build({ ...bundleOptions(file), logLevel: 'warning' });
  // Its own process would wait for further builds.
  await stop();
  const url = writeBundle(file, 0, outputFiles[0]?.contents ?? new Uint8Array());
  process.env.TWINSTREAM_PIPELINE = url;
  process.setSourceMapsEnabled(true);
  await import(url);
};
