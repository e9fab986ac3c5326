/** How settings are read from the environment. Each throws a RangeError that names the variable, what it takes and what it got. */
export type Environment = Readonly<Record<string, string | undefined>>;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const parseDuration = (text: string): number | null => {
  const [, amount, unit = ''] = /^(\d{1,6})(ms|s|m|h|d)$/.exec(text) ?? [];
  return amount === undefined ? null : Number(amount) * (UNITS[unit] as number);
};

/** In milliseconds. */
export const duration = (env: Environment, name: string, fallback: string, lowest: string): number => {
  const text = env[name] ?? fallback;
  const ms = parseDuration(text);
  if (ms === null || ms < (parseDuration(lowest) as number))
    throw new RangeError(`${name}: Expected a duration from ${lowest} up, such as 30s, 5m or 1h, got '${text}'`);
  return ms;
};

const BYTES: Readonly<Record<string, number>> = { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };
const parseBytes = (text: string): number | null => {
  const [, amount, unit = ''] = /^(\d{1,6})(KB|MB|GB|TB)$/i.exec(text) ?? [];
  return amount === undefined ? null : Number(amount) * (BYTES[unit.toUpperCase()] as number);
};
/** In bytes. */
export const size = (env: Environment, name: string, fallback: string, lowest: string): number => {
  const text = env[name] ?? fallback;
  const bytes = parseBytes(text);
  if (bytes === null || bytes < (parseBytes(lowest) as number))
    throw new RangeError(`${name}: Expected a size from ${lowest} up, such as 500MB or 2GB, got '${text}'`);
  return bytes;
};

/** Epochs are named by the second. */
export const epochLength = (env: Environment, fallback: string): number => {
  const ms = duration(env, 'EPOCH', fallback, '1s');
  if (ms % 1_000 !== 0) throw new RangeError(`EPOCH: Expected whole seconds, got '${env.EPOCH}'`);
  return ms;
};

export const whole = (env: Environment, name: string, fallback: number, low: number, high: number): number => {
  const text = env[name] ?? String(fallback);
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high) throw new RangeError(`${name}: Expected a whole number from ${low} to ${high}, got '${text}'`);
  return value;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const logLevel = (env: Environment): LogLevel => {
  const level = env.LOG_LEVEL ?? 'info';
  if (level !== 'debug' && level !== 'info' && level !== 'warn' && level !== 'error')
    throw new RangeError(`LOG_LEVEL: Expected debug, info, warn or error, got '${level}'`);
  return level;
};

/** What has no default. */
export const required = (env: Environment, name: string): string => {
  const text = env[name];
  if (text === undefined || text === '') throw new RangeError(`${name}: Expected it to be set, got nothing`);
  return text;
};
