// What every benchmark shares: sizes, parts in fresh processes, checks, figures and the file of results.
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether the benchmark is only tried out, small: then it writes no results and misses no target. */
export const IS_SMOKE = process.env.SMOKE === '1';
/** A size that the environment may set: EVENTS=1000000 npm run bench -- stream. */
export const sizeOf = (name: string, whole: number, smoke: number): number => Number(process.env[name] ?? (IS_SMOKE ? smoke : whole));

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Its target: at most, or at least, so much. */
  readonly most?: number;
  readonly least?: number;
}
export interface Outcome {
  readonly figures: readonly Figure[];
  /** Every single measurement. */
  readonly raw: unknown;
}
/** What a part returned, and what its process took. */
export interface Played<T> {
  readonly value: T;
  readonly s: number;
  readonly cpuS: number;
  readonly mostMb: number;
}
type Parts = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;
/** Plays a part in a process of its own. */
export type Play<P extends Parts> = <K extends keyof P & string>(name: K, ...args: Parameters<P[K]>) => Promise<Played<Awaited<ReturnType<P[K]>>>>;

/**
 * Runs a benchmark: its parts each in a fresh process, `run` in this one. Prints the figures that it returns, and writes
 * them to bench/results with the machine and all measurements. Ends with 1 if one misses its target.
 * @param url of the benchmark's own module.
 */
export const bench = async <P extends Parts>(url: string, parts: P, run: (play: Play<P>) => Promise<Outcome>): Promise<void> => {
  const [, file = '', part, args = '[]'] = process.argv;
  if (part !== undefined) return playHere(parts, part, args);
  const name = basename(fileURLToPath(url)).replace(/\.m?[jt]s$/, '');
  const before = loadavg();
  const { figures, raw } = await run((wanted, ...given) => inFreshProcess(file, wanted, given));
  for (const figure of figures) print(figure);
  if (IS_SMOKE) return;
  mkdirSync('bench/results', { recursive: true });
  const result = { bench: name, at: new Date().toISOString(), machine: machine(), load: { before, after: loadavg() }, figures, raw };
  writeFileSync(`bench/results/${name}.json`, `${JSON.stringify(result, null, 1)}\n`);
  if (!figures.every(isMet)) process.exitCode = 1;
};

const playHere = async (parts: Parts, name: string, args: string): Promise<void> => {
  const part = parts[name] as ((...args: unknown[]) => Promise<unknown>) | undefined;
  if (part === undefined) throw new Error(`Expected one of ${Object.keys(parts).join(', ')}, got ${name}`);
  const [beganMs, cpu] = [performance.now(), process.cpuUsage()];
  const value = await part(...(JSON.parse(args) as unknown[]));
  const { user, system } = process.cpuUsage(cpu);
  const mostMb = process.resourceUsage().maxRSS / 1_024;
  const played: Played<unknown> = { value: value ?? null, s: (performance.now() - beganMs) / 1_000, cpuS: (user + system) / 1e6, mostMb };
  await new Promise((resolve) => process.send?.(played, resolve));
  process.exit(0);
};

const inFreshProcess = <T>(file: string, name: string, args: readonly unknown[]): Promise<Played<T>> =>
  new Promise((resolve, reject) => {
    const child = fork(file, [name, JSON.stringify(args)], { execArgv: ['--enable-source-maps'] });
    let played: Played<T> | null = null;
    child.on('message', (message) => {
      played = message as Played<T>;
    });
    child.on('exit', (code) => (played === null ? reject(new Error(`Expected the part ${name} to end well, it ended with ${code}`)) : resolve(played)));
  });

const isMet = ({ value, most, least }: Figure): boolean => value <= (most ?? Number.POSITIVE_INFINITY) && value >= (least ?? Number.NEGATIVE_INFINITY);
const print = (figure: Figure): void => {
  const { what, value, unit, most, least } = figure;
  const target = most === undefined ? (least === undefined ? '' : `at least ${number(least)}`) : `at most ${number(most)}`;
  const judged = target === '' || IS_SMOKE ? '' : `  (target: ${target}${isMet(figure) ? '' : ', MISSED'})`;
  console.log(`${what.padEnd(64)} ${number(value)} ${unit}${judged}`);
};
const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

const machine = () => {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? '',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    system: `${process.platform} ${release()}`,
    node: process.version,
  };
};

/** @throws if a result is not what it has to be: no figure of it is printed. */
export const demand = (what: string, got: unknown, expected: unknown): void => {
  if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Error(`${what}: Expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
};

/** Of sorted figures; p from 0 to 1. */
export const quantile = (sorted: readonly number[], p: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
export const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
/** How many times as much the first are as the second, round by round: what else the machine does meets both of a round. */
export const medianRatio = (some: readonly number[], others: readonly number[]): number => median(some.map((value, i) => value / (others[i] ?? Number.NaN)));

/** Plays each contender once a round, every other round in the opposite order. */
export const alternate = async <N extends string, T>(rounds: number, contenders: Readonly<Record<N, () => Promise<T>>>): Promise<Record<N, T[]>> => {
  const names = Object.keys(contenders) as N[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<N, T[]>;
  for (let round = 0; round < rounds; round++) for (const name of round % 2 === 0 ? names : [...names].reverse()) results[name].push(await contenders[name]());
  return results;
};

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** Waits until it holds. @throws after ten minutes. */
export const until = async (what: string, holds: () => Promise<boolean>, everyMs = 50): Promise<void> => {
  const endsAt = performance.now() + 600_000;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error(`Expected ${what} within ten minutes`);
    await sleep(everyMs);
  }
};
