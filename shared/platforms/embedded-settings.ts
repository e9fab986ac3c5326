import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { CELL_PART_BYTES } from '../speed/cell-parts.ts';
import { duration, type Environment, epochLength, type FunctionSettings, type LogLevel, logLevel, parseEnvironment, size, whole } from './environment.ts';
import { MB, machineBytes } from './machine.ts';

/** The environment variables on one machine. */
export interface Settings extends FunctionSettings {
  readonly dataDir: string;
  readonly shards: number;
  readonly host: string;
  readonly port: number;
  /** What the log may take on disk once its consumers have processed its records; it keeps them for a day at most. */
  readonly keepLogBytes: number;
  /** The memory of the batch engine; past it, it spills to disk what it can. */
  readonly batchMemoryBytes: number;
  /** Threads that answer queries, and how long a query may take. */
  readonly queryThreads: number;
  readonly queryTimeoutMs: number;
  readonly logLevel: LogLevel;
}

/** Each shard has a thread of its own, which needs what the window needs. */
const CACHE_BYTES = 2 ** 30;

/** What explaining a number may take, in each thread that answers queries: a statement lists one page of what the batch layer aggregates. */
export const explainMemoryBytes = ({ batchMemoryBytes }: Pick<Settings, 'batchMemoryBytes'>): number =>
  Math.max(64 * MB, Math.min(512 * MB, Math.floor(batchMemoryBytes / 4)));

const VARIABLES = z.object({
  /** Where npm was called: relative DATA_DIRs begin here. */
  INIT_CWD: z._default(z.string(), '.'),
  DATA_DIR: z._default(z.string().check(z.minLength(1, "Expected a folder's path, got ''")), '.twinstream'),
  EPOCH: epochLength('1m'),
  RECOMPUTE_EVERY: duration('5m', '1s'),
  SHARDS: whole(Math.min(availableParallelism(), 16), 1, 64),
  HOST: z._default(z.string(), '127.0.0.1'),
  PORT: whole(8080, 0, 65_535),
  DUPLICATE_WINDOW: duration('1h', '1s'),
  KEEP_GENERATIONS: whole(24, 2, 1_000),
  KEEP_LOG: size('1GB', '1MB'),
  BATCH_MEMORY: size(`${Math.max(256, Math.floor(machineBytes() / 4 / MB))}MB`, '64MB'),
  QUERY_THREADS: whole(2, 1, 64),
  QUERY_TIMEOUT: duration('30s', '2s'),
  LOG_LEVEL: logLevel,
});

/** @throws {RangeError} naming each variable that is wrong, what it takes and what it got. */
export const readSettings = (env: Environment): Settings => {
  const set = parseEnvironment(VARIABLES, env);
  return {
    dataDir: resolve(set.INIT_CWD, set.DATA_DIR),
    epochLengthMs: set.EPOCH,
    recomputeEveryMs: set.RECOMPUTE_EVERY,
    heartbeatEveryMs: Math.min(15_000, Math.max(250, set.EPOCH / 6)),
    shards: set.SHARDS,
    host: set.HOST,
    port: set.PORT,
    duplicateWindowMs: set.DUPLICATE_WINDOW,
    cellPartBytes: CELL_PART_BYTES,
    cellsKeptMs: null, // the batch layer retires a cell at no cost
    cacheBytes: CACHE_BYTES,
    writeUnitBytes: 1_024,
    parallelQueries: 1,
    keepGenerations: set.KEEP_GENERATIONS,
    keepLogBytes: set.KEEP_LOG,
    batchMemoryBytes: set.BATCH_MEMORY,
    queryThreads: set.QUERY_THREADS,
    queryTimeoutMs: set.QUERY_TIMEOUT,
    logLevel: set.LOG_LEVEL,
  };
};
