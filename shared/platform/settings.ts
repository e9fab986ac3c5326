import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';

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
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const duration = (env: NodeJS.ProcessEnv, name: string, fallback: string, lowest: string): number => {
  const parse = (text: string) => {
    const [, amount, unit = ''] = /^(\d{1,6})(ms|s|m|h|d)$/.exec(text) ?? [];
    return amount === undefined ? null : Number(amount) * (UNITS[unit] as number);
  };
  const text = env[name] ?? fallback;
  const ms = parse(text);
  if (ms === null || ms < (parse(lowest) as number))
    throw new RangeError(`${name}: Expected a duration from ${lowest} up, such as 30s, 5m or 1h, got '${text}'`);
  return ms;
};

const whole = (env: NodeJS.ProcessEnv, name: string, fallback: number, low: number, high: number): number => {
  const text = env[name] ?? String(fallback);
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high) throw new RangeError(`${name}: Expected a whole number from ${low} to ${high}, got '${text}'`);
  return value;
};

/** @throws {RangeError} that names the variable, what it takes and what it got. */
export const readSettings = (env: NodeJS.ProcessEnv): Settings => {
  const epochLengthMs = duration(env, 'EPOCH', '1m', '1s');
  if (epochLengthMs % 1_000 !== 0) throw new RangeError(`EPOCH: Expected whole seconds, got '${env.EPOCH}'`);
  const logLevel = env.LOG_LEVEL ?? 'info';
  if (logLevel !== 'debug' && logLevel !== 'info' && logLevel !== 'warn' && logLevel !== 'error')
    throw new RangeError(`LOG_LEVEL: Expected debug, info, warn or error, got '${logLevel}'`);
  return {
    dataDir: resolve(env.INIT_CWD ?? '.', env.DATA_DIR ?? '.twinstream'),
    epochLengthMs,
    recomputeEveryMs: duration(env, 'RECOMPUTE_EVERY', '5m', '1s'),
    shards: whole(env, 'SHARDS', Math.min(availableParallelism(), 16), 1, 64),
    host: env.HOST ?? '127.0.0.1',
    port: whole(env, 'PORT', 8080, 0, 65_535),
    duplicateWindowMs: duration(env, 'DUPLICATE_WINDOW', '1h', '1s'),
    parallelQueries: 1,
    keepGenerations: whole(env, 'KEEP_GENERATIONS', 24, 2, 1_000),
    logLevel,
  };
};
