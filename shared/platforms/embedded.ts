import { basename, join } from 'node:path';
import { isMainThread, parentPort } from 'node:worker_threads';
import { duckdb } from '../adapters/duckdb/duckdb.ts';
import { deadLettersFolder } from '../adapters/files/dead-letters-folder.ts';
import { diskRoom, logWithRoom } from '../adapters/files/disk-room.ts';
import { folder, readOnlyFolder } from '../adapters/files/folder.ts';
import { ownFolder } from '../adapters/files/folder-owner.ts';
import { removeSeal } from '../adapters/files/folder-seal.ts';
import { quarantineFolder } from '../adapters/files/quarantine-folder.ts';
import { tokenFile } from '../adapters/files/token-file.ts';
import { sqliteCells } from '../adapters/sqlite/cells.ts';
import { sqliteEntities } from '../adapters/sqlite/entities.ts';
import { sqliteLog } from '../adapters/sqlite/log.ts';
import { sqliteSearch } from '../adapters/sqlite/search.ts';
import { forwardedFigures } from '../adapters/telemetry/forwarded-figures.ts';
import { pinoTelemetry } from '../adapters/telemetry/pino.ts';
import { prometheusFigures } from '../adapters/telemetry/prometheus.ts';
import type { Alone } from '../batch/lease.ts';
import { FolderOwnedError } from '../ports/folder-owned.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import type { Figures } from '../ports/telemetry.ts';
import type { IndexLag } from '../query/health.ts';
import type { CallContext } from '../request/http.ts';
import { indexedKey } from '../storage/keys.ts';
import { readSettings } from './embedded-settings.ts';
import { once } from './once.ts';

/**
 * The ports on one machine, all in DATA_DIR. Each is opened when it is first asked for, once per thread. The folder belongs to
 * one process: the host, or whoever opens it while none runs. Any other may read, and its writes are refused.
 */

export const clock = Date.now;
export const settings = once(() => readSettings(process.env));
/** Kept by the main thread. */
export const prometheus = once(prometheusFigures);
const figures = (): Figures => (isMainThread || parentPort === null ? prometheus() : forwardedFigures(parentPort));
export const telemetry = once(() => pinoTelemetry({ level: settings().logLevel, isTerminal: process.stdout.isTTY === true, figures: figures() }));

/** What is typed to run this process, for whoever finds the folder taken. */
const command = (): string => {
  const [, path = 'node', ...args] = process.argv;
  const program = PROGRAMS[basename(path)] ?? basename(path);
  return [program, ...args]
    .join(' ')
    .slice(0, 200)
    .replace(/^npm run start/, 'npm start');
};
const PROGRAMS: Readonly<Record<string, string>> = { 'twinstream.mjs': 'npm run', 'twinstream.js': 'twinstream', 'serverless.js': 'sls' };
/** Makes this process the folder's owner. @throws {FolderOwnedError} */
export const owner = once(() => ownFolder(settings().dataDir, { command: command(), clock }));
/** Set where another process owns the folder. Threads have what their process has. */
const owned = once((): FolderOwnedError | undefined => {
  if (!isMainThread) return undefined;
  try {
    owner();
    // What is opened from here on may be written to; a host has held the files against it by then.
    removeSeal(settings().dataDir);
    return undefined;
  } catch (error) {
    if (error instanceof FolderOwnedError) return error;
    throw error;
  }
});
const database = (name: string) => ({ path: join(settings().dataDir, name), owned: owned() });
const files = (root: string): ObjectStore => {
  const other = owned();
  return other === undefined ? folder({ root }) : readOnlyFolder({ root, owned: other });
};

export const room = once(() => diskRoom({ root: settings().dataDir, clock }));
/** Its lanes are fixed when the folder is made; a few more than shards let those grow. */
export const eventLog = once(() => logWithRoom(sqliteLog({ ...database('log.db'), shards: settings().shards, lanes: 4, clock }), room()));
export const readLog = () => eventLog().read;
export const logStatus = () => eventLog().status();
export const lanes = (): number => eventLog().lanes;
export const cellStore = once(() => sqliteCells({ ...database('views.db'), clock }));
export const entityStore = once(() => sqliteEntities({ ...database('entities.db'), clock }));
export const searchIndex = once(() => sqliteSearch(database('search.db')));
/** What the search index has not taken of the entities' changes. */
export const indexLag: IndexLag = async () => {
  const [taken] = await cellStore().get([indexedKey]);
  return entityStore().waiting(taken?.version ?? '');
};
const lakeRoot = () => join(settings().dataDir, 'lake');
export const lake = once(() => files(lakeRoot()));
/** Other tools read the folder itself. */
export const lakeUri: ((key: string) => string) | null = null;
/** The batch layer has a thread of its own, and the folder one owner. */
export const compactsRaw: boolean = true;
export const sqlEngine = once((): SqlEngine => {
  const [engine, other] = [duckdb({ root: lakeRoot(), memoryBytes: settings().batchMemoryBytes }), owned()];
  return other === undefined ? engine : { ...engine, rows: () => Promise.reject(other), unload: () => Promise.reject(other) };
});
export const quarantine = once(() => quarantineFolder({ store: lake(), clock }));
export const deadLetters = once(() => deadLettersFolder({ store: files(settings().dataDir) }));
export const tokens = once(() => tokenFile({ path: join(settings().dataDir, 'tokens.json') }));

/** On one machine the host's scheduler runs one at a time. */
export const alone: Alone = (_, work) => work();
/** On one machine the host's scheduler looks for requests itself. */
export const startRecompute = async (): Promise<void> => {};
export const hasSearch = (): boolean => true;
/** On one machine the host begins it once the call is answered. */
export const requestReindex = async (): Promise<void> => {
  if (isMainThread) throw new RangeError('Expected a host to build the index, got a single call: npm run reindex');
};
/** On one machine nothing ends a run, but `sls invoke local` with its function's timeout. */
export const startReindex = async (): Promise<void> => {
  throw new Error('Expected time for the whole index, got a run that ends before: npm run reindex takes as long as it needs');
};

/** A handler as `sls invoke local` calls it: made at its first call. */
export const onLambda = <E, R>(make: () => (event: E, context: CallContext) => Promise<R>): ((event: E, context: CallContext) => Promise<R>) => {
  const handler = once(make);
  return (event, context) => handler()(event, context);
};
