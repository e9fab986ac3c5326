// Bundles the host with the pipeline, and runs it in this process.
import { rmSync } from 'node:fs';

/** The host's databases, threads and connections take some 100; each client takes one more. */
const MIN_OPEN_FILES = 256;
process.report.excludeNetwork = true;
const { soft = 'unlimited' } = process.report.getReport().userLimits?.open_files ?? {};
if (soft !== 'unlimited' && soft < MIN_OPEN_FILES) {
  console.error(`Expected a limit of at least ${MIN_OPEN_FILES} open files, got ${soft}: ulimit -n 4096`);
  process.exit(1);
}

/** Errors whose message is all there is to say: a pipeline or a setting that cannot work, a folder that belongs to somebody else. */
const SAYS_ALL = new Set(['DefinitionError', 'RangeError', 'FolderOwnedError', 'DamagedError']);
const NO_ROOM = new Set(['ENOSPC', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']);

try {
  const { bundle } = await import('./bundle.mjs');
  const threads = Object.fromEntries(['shard-worker', 'change-worker', 'back-office'].map((name) => [name, `local/${name}.ts`]));
  const { url, outdir } = await bundle({ main: 'local/main.ts', ...threads }, 'host');
  process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
  process.setSourceMapsEnabled(true);
  await import(url);
} catch (error) {
  if (NO_ROOM.has(error.code)) console.error(`The disk is full: ${error.message}. Make room, then start again.`);
  else console.error(SAYS_ALL.has(error.name) ? `${error.name}: ${error.message}` : error);
  process.exit(1);
}
