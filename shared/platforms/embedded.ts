import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { ownFolder } from '../adapters/files/folder-owner.ts';
import { removeSeal } from '../adapters/files/folder-seal.ts';
import { forwardedFigures } from '../adapters/telemetry/forwarded-figures.ts';
import { pinoTelemetry } from '../adapters/telemetry/pino.ts';
import { FolderOwnedError } from '../ports/folder-owned.ts';
import type { Figures } from '../ports/telemetry.ts';
import type { CallContext } from '../request/http.ts';
import { embeddedPlatform } from './embedded-platform.ts';
import { readSettings, type Settings } from './embedded-settings.ts';
import { once } from './once.ts';
import { ownCommand } from './own-command.ts';

/**
 * The ports on one machine, for the process that imports this module: a thread of a host has that host's settings; any other
 * process reads its environment. One process owns the folder: the host, or another that opens it while none runs. All others
 * may read, and their writes are refused.
 */

const clock = Date.now;
const settings = once(() => hostSettings() ?? readSettings(process.env));
const hostSettings = (): Settings | undefined => (isMainThread ? undefined : (workerData as { readonly settings?: Settings } | null)?.settings);

/** Figures of other processes go nowhere: only a host's are read, at `GET /stats`. */
const unread: Figures = { count: () => {}, gauge: () => {}, observe: () => {} };
const figures = (): Figures => (isMainThread || parentPort === null ? unread : forwardedFigures(parentPort));
const telemetry = once(() => pinoTelemetry({ level: settings().logLevel, isTerminal: process.stdout.isTTY === true, figures: figures() }));

/** Makes this process the folder's owner. @throws {FolderOwnedError} */
export const owner = once(() => ownFolder(settings().dataDir, { command: ownCommand(), clock }));
/** Set if another process owns the folder. Threads get it from their process. */
const owned = once((): FolderOwnedError | undefined => {
  if (!isMainThread) return undefined;
  try {
    owner();
    // What is opened from here on may be written to; a host has compared the files with it by then.
    removeSeal(settings().dataDir);
    return undefined;
  } catch (error) {
    if (error instanceof FolderOwnedError) return error;
    throw error;
  }
});

const platform = embeddedPlatform({ settings, clock, telemetry, owned });
export const {
  alone,
  cellStore,
  compactsRaw,
  deadLetters,
  entityStore,
  eventLog,
  explainEngine,
  hasSearch,
  healthKept,
  indexLag,
  lake,
  lakeUri,
  lanes,
  liveConnections,
  livePost,
  liveUrl,
  logStatus,
  quarantine,
  readLog,
  readTail,
  rejected,
  room,
  searchIndex,
  sqlEngine,
  startRecompute,
  tokens,
} = platform;
export { clock, settings, telemetry };

/** On one machine the host starts it once the call is answered. */
export const requestReindex = async (): Promise<void> => {
  if (isMainThread) throw new RangeError('Expected a host to build the index, got a single call: npm run reindex');
};
/** On one machine only `sls invoke local` ends a run, by its function's timeout. */
export const startReindex = async (): Promise<void> => {
  throw new Error('Expected time for the whole index, got a run that ends before: npm run reindex takes as long as it needs');
};

/** A handler as `sls invoke local` calls it: created at its first call. */
export const onLambda = <E, R>(make: () => (event: E, context: CallContext) => Promise<R>): ((event: E, context: CallContext) => Promise<R>) => {
  const handler = once(make);
  return (event, context) => handler()(event, context);
};
