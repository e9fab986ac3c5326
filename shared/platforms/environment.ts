import * as z from 'zod/mini';

// How settings are read from the environment: a schema for each kind of text, which says in words what it takes and what it got.
// From zod/mini: the zips of functions that need no more of Zod stay small.

export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings that functions read, on every platform. */
export interface FunctionSettings {
  readonly epochLengthMs: number;
  /** How far back the speed layer detects duplicates. */
  readonly duplicateWindowMs: number;
  /** What a cell's first part takes. Fixed: the stored form depends on it. */
  readonly cellPartBytes: number;
  /** How long after their epoch cells expire by themselves, once there is a generation; null if the batch layer retires them. */
  readonly cellsKeptMs: number | null;
  /** What a consumer of the log may keep in memory between batches, in bytes. */
  readonly cacheBytes: number;
  /** What the cell store bills a write by, in bytes. */
  readonly writeUnitBytes: number;
  /** Concurrent batch queries; published generations that are kept ready to be activated. */
  readonly parallelQueries: number;
  readonly keepGenerations: number;
  /** How often the batch layer looks for news. */
  readonly recomputeEveryMs: number;
  /** How often every shard gets a record, so that an idle one is seen to be up to date. */
  readonly heartbeatEveryMs: number;
}

/** @throws {RangeError} with a line for each variable that is wrong: its name, what it takes and what it got. */
export const parseEnvironment = <S extends z.ZodMiniType>(schema: S, env: Environment): z.output<S> => {
  const result = z.safeParse(schema, env);
  if (result.success) return result.data;
  throw new RangeError(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
};

/** A text that `parse` can read; it returns null for any other. */
const read = <T>(expected: string, parse: (text: string) => T | null) =>
  z.pipe(
    z.string(`Expected ${expected}, got nothing`),
    z.transform((text: string, { issues }): T => {
      const value = parse(text);
      if (value !== null) return value;
      issues.push({ code: 'custom', input: text, message: `Expected ${expected}, got '${text}'` });
      return z.NEVER;
    }),
  );
const amountOf = (text: string, units: Readonly<Record<string, number>>): number | null => {
  const [, amount, unit = ''] = /^(\d{1,6})([a-z]+)$/i.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return factor === undefined ? null : Number(amount) * factor;
};
const atLeast = (lowest: number | null, value: number | null): number | null => (value === null || value < (lowest ?? 0) ? null : value);

const DURATIONS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const parseDuration = (text: string): number | null => amountOf(text, DURATIONS);
const durationFrom = (lowest: string) =>
  read(`a duration from ${lowest} up, such as 30s, 5m or 1h`, (text) => atLeast(parseDuration(lowest), parseDuration(text)));
/** In milliseconds. */
export const duration = (fallback: string, lowest: string) => z.prefault(durationFrom(lowest), fallback);
/** In milliseconds. Epochs are named by the second. */
export const epochLength = (fallback: string) =>
  z.prefault(
    z.pipe(durationFrom('1s'), z.number().check(z.refine((ms) => ms % 1_000 === 0, { error: ({ input }) => `Expected whole seconds, got '${input}ms'` }))),
    fallback,
  );

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** How often a schedule of EventBridge runs, in milliseconds; any other than a rate as the default is. */
export const rate = (fallback: string) =>
  z.pipe(
    z.prefault(z.string(), fallback),
    z.transform((text: string) => rateOf(text) ?? rateOf(fallback) ?? 0),
  );
const rateOf = (text: string): number | null => {
  const [, times, unit = ''] = /^rate\((\d{1,6}) (minute|hour|day)s?\)$/.exec(text) ?? [];
  return times === undefined ? null : Number(times) * (UNITS[unit] ?? 0);
};

const SIZES = { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };
const parseSize = (text: string): number | null => amountOf(text.toUpperCase(), SIZES);
/** In bytes. */
export const size = (fallback: string, lowest: string) =>
  z.prefault(
    read(`a size from ${lowest} up, such as 500MB or 2GB`, (text) => atLeast(parseSize(lowest), parseSize(text))),
    fallback,
  );

export const whole = (fallback: number, low: number, high: number) =>
  z.prefault(
    read(`a whole number from ${low} to ${high}`, (text) => {
      const value = Number(text);
      return /^\d+$/.test(text) && value >= low && value <= high ? value : null;
    }),
    String(fallback),
  );

/** One of some texts, such as es, aoss or basic. */
export const oneOf = <const T extends string>(first: T, ...others: readonly T[]) => {
  const all: readonly T[] = [first, ...others];
  return read(`${all.slice(0, -1).join(', ')} or ${all.at(-1)}`, (text) => all.find((one) => one === text) ?? null);
};
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const logLevel = z.prefault(oneOf<LogLevel>('debug', 'info', 'warn', 'error'), 'info');

/** For variables without a default. */
const NOTHING = 'Expected it to be set, got nothing';
export const required = z.string(NOTHING).check(z.minLength(1, NOTHING));
