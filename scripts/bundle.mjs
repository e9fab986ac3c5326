// Bundles TypeScript entry points with the pipeline and the packages, for Node to run; or takes them from an earlier run, if no source changed.
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildPage } from './page.mjs';

const root = resolve(import.meta.dirname, '..');
// Inside the repository, so that packages resolve.
const cache = resolve(root, 'node_modules/.cache/twinstream');
const INPUTS = 'inputs.json';

/** Process ids of other machines or containers that share the folder are meaningless here. */
const machine = hostname().replace(/[^\w.]/g, '_');

/** Removes what killed processes left behind. */
const removeStale = () => {
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

/** Zod is the pipeline's own; the others are native, or installed for development only. */
const EXTERNAL = ['zod', 'libsql', '@duckdb/node-api', 'esbuild', '@aws-sdk/*', '@smithy/*', '@aws-lambda-powertools/*', '@opensearch-project/*'];

const optionsFor = (entryPoints, pipeline) => ({
  absWorkingDir: root,
  entryPoints,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: EXTERNAL,
  // Packages that are CommonJS require Node's modules.
  banner: { js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);" },
  outExtension: { '.js': '.mjs' },
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
  nodePaths: [resolve(root, 'node_modules')],
  alias: {
    twinstream: resolve(root, 'shared/pipeline.ts'),
    '#pipeline': resolve(root, pipeline),
    '#platform': resolve(root, 'shared/platforms/embedded.ts'),
    '#page': resolve(root, 'dashboard/built/page.js'),
  },
});

const digest = (...texts) => texts.reduce((hash, text) => hash.update(text).update('\0'), createHash('sha256')).digest('hex');
/** Packages change with what is installed; a file that is gone is another one. */
const digestOf = (file) => (existsSync(resolve(root, file)) ? digest(readFileSync(resolve(root, file))) : null);
const INSTALLED = 'node_modules/.package-lock.json';

const linkAll = (from, to) => {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) linkSync(resolve(from, name), resolve(to, name));
};

/** Links an earlier bundle of the same sources into a folder. False if there is none. */
const isReused = (earlier, outdir) => {
  try {
    const inputs = JSON.parse(readFileSync(resolve(earlier, INPUTS), 'utf8'));
    if (Object.entries(inputs).some(([file, was]) => digestOf(file) !== was)) return false;
    linkAll(earlier, outdir);
    return true;
  } catch {
    // None yet, or another process replaced it just now.
    rmSync(outdir, { recursive: true, force: true });
    return false;
  }
};

/** Builds name → entry point, with '#pipeline' resolved, and returns the URL of the first. One folder per process, which is deleted with it. */
export const bundle = async (entryPoints, name, pipeline) => {
  removeStale();
  await buildPage();
  const outdir = resolve(cache, `${name}-${machine}-${process.pid}`);
  const options = optionsFor(entryPoints, pipeline);
  const earlier = resolve(cache, `bundle-${name}-${digest(JSON.stringify([process.version, options])).slice(0, 16)}`);
  if (!isReused(earlier, outdir)) {
    const { build, stop } = await import('esbuild');
    const { metafile } = await build({ ...options, outdir });
    await stop();
    const files = [INSTALLED, ...Object.keys(metafile.inputs).filter((file) => !file.includes('node_modules/'))];
    writeFileSync(resolve(outdir, INPUTS), JSON.stringify(Object.fromEntries(files.map((file) => [file, digestOf(file)]))));
    keep(outdir, earlier);
  }
  return { url: pathToFileURL(resolve(outdir, `${Object.keys(entryPoints)[0]}.mjs`)).href, outdir };
};

/** For the next run. A process that does the same at this moment may be faster. */
const keep = (outdir, earlier) => {
  const side = `${earlier}-${machine}-${process.pid}`;
  try {
    linkAll(outdir, side);
    rmSync(earlier, { recursive: true, force: true });
    renameSync(side, earlier);
  } catch {
    rmSync(side, { recursive: true, force: true });
  }
};
