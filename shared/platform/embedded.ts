import { join } from 'node:path';
import { isMainThread, parentPort } from 'node:worker_threads';
import { deadLettersFolder } from '../adapters/dead-letters-folder.ts';
import { duckdb } from '../adapters/duckdb.ts';
import { folder } from '../adapters/folder.ts';
import { forwardedFigures } from '../adapters/forwarded-figures.ts';
import { pinoTelemetry } from '../adapters/pino.ts';
import { prometheusFigures } from '../adapters/prometheus.ts';
import { quarantineFolder } from '../adapters/quarantine-folder.ts';
import { sqliteCells } from '../adapters/sqlite-cells.ts';
import { sqliteEntities } from '../adapters/sqlite-entities.ts';
import { sqliteLog } from '../adapters/sqlite-log.ts';
import { sqliteSearch } from '../adapters/sqlite-search.ts';
import { tokenFile } from '../adapters/token-file.ts';
import type { Alone } from '../batch/lease.ts';
import type { CallContext } from '../http/http.ts';
import type { Figures } from '../ports/telemetry.ts';
import { once } from './once.ts';
import { readSettings } from './settings.ts';

/** The ports on one machine, all in DATA_DIR. Each is opened when it is first asked for, once per thread. */

export const clock = Date.now;
export const settings = once(() => readSettings(process.env));
/** Kept by the main thread. */
export const prometheus = once(prometheusFigures);
const figures = (): Figures => (isMainThread || parentPort === null ? prometheus() : forwardedFigures(parentPort));
export const telemetry = once(() => pinoTelemetry({ level: settings().logLevel, isTerminal: process.stdout.isTTY === true, figures: figures() }));
/** Its lanes are fixed when the folder is made; a few more than shards let those grow. */
export const eventLog = once(() => sqliteLog({ path: join(settings().dataDir, 'log.db'), shards: settings().shards, lanes: 4, clock }));
export const readLog = () => eventLog().read;
export const lanes = (): number => eventLog().lanes;
export const cellStore = once(() => sqliteCells({ path: join(settings().dataDir, 'views.db'), clock }));
export const entityStore = once(() => sqliteEntities({ path: join(settings().dataDir, 'entities.db'), clock }));
export const searchIndex = once(() => sqliteSearch({ path: join(settings().dataDir, 'search.db') }));
const lakeRoot = () => join(settings().dataDir, 'lake');
export const lake = once(() => folder({ root: lakeRoot() }));
/** Other tools read the folder itself. */
export const lakeUri: ((key: string) => string) | null = null;
export const sqlEngine = once(() => duckdb({ root: lakeRoot() }));
export const quarantine = once(() => quarantineFolder({ store: lake(), clock }));
export const deadLetters = once(() => deadLettersFolder({ store: folder({ root: settings().dataDir }) }));
export const tokens = once(() => tokenFile({ path: join(settings().dataDir, 'tokens.json') }));

/** On one machine the host's scheduler runs one at a time. */
export const alone: Alone = (_, work) => work();
/** On one machine the host's scheduler looks for requests itself. */
export const startRecompute = async (): Promise<void> => {};
/** On one machine nothing ends a run, but `sls invoke local` with its function's timeout. */
export const startReindex = async (): Promise<void> => {
  throw new Error('Expected time for the whole index, got a run that ends before: npm run reindex takes as long as it needs');
};

/** A handler as `sls invoke local` calls it: made at its first call. */
export const onLambda = <E, R>(make: () => (event: E, context: LambdaContext) => Promise<R>): ((event: E, context: LambdaContext) => Promise<R>) => {
  const handler = once(make);
  return (event, context) => handler()(event, context);
};
export type LambdaContext = CallContext;
