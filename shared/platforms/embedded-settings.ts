import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { duration, type Environment, epochLength, type LogLevel, logLevel, size, whole } from './environment.ts';
import { MB, machineBytes } from './machine.ts';

/** What the environment sets on one machine. */
export interface Settings {
  readonly dataDir: string;
  readonly epochLengthMs: number;
  readonly recomputeEveryMs: number;
  readonly shards: number;
  readonly host: string;
  readonly port: number;
  /** How far back a re-sent event is told by the speed layer. */
  readonly duplicateWindowMs: number;
  /** Batch queries that run at the same time; published generations that stay ready to be activated. */
  readonly parallelQueries: number;
  readonly keepGenerations: number;
  /** What the log may take on disk once its consumers have taken its records; it keeps them for a day at most. */
  readonly keepLogBytes: number;
  /** What the batch engine may take; past it, it spills to disk what it can. */
  readonly batchMemoryBytes: number;
  /** Threads that answer questions, and how long one may take. */
  readonly queryThreads: number;
  readonly queryTimeoutMs: number;
  readonly logLevel: LogLevel;
}

/** @throws {RangeError} that names the variable, what it takes and what it got. */
export const readSettings = (env: Environment): Settings => ({
  dataDir: resolve(env.INIT_CWD ?? '.', env.DATA_DIR ?? '.twinstream'),
  epochLengthMs: epochLength(env, '1m'),
  recomputeEveryMs: duration(env, 'RECOMPUTE_EVERY', '5m', '1s'),
  shards: whole(env, 'SHARDS', Math.min(availableParallelism(), 16), 1, 64),
  host: env.HOST ?? '127.0.0.1',
  port: whole(env, 'PORT', 8080, 0, 65_535),
  duplicateWindowMs: duration(env, 'DUPLICATE_WINDOW', '1h', '1s'),
  parallelQueries: 1,
  keepGenerations: whole(env, 'KEEP_GENERATIONS', 24, 2, 1_000),
  keepLogBytes: size(env, 'KEEP_LOG', '1GB', '1MB'),
  batchMemoryBytes: size(env, 'BATCH_MEMORY', `${Math.max(256, Math.floor(machineBytes() / 4 / MB))}MB`, '64MB'),
  queryThreads: whole(env, 'QUERY_THREADS', 2, 1, 64),
  queryTimeoutMs: duration(env, 'QUERY_TIMEOUT', '30s', '2s'),
  logLevel: logLevel(env),
});
