import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Pipeline } from '../../shared/pipeline.ts';

type Row = Readonly<Record<string, unknown>>;
/** An example: its events, and of each question of its README what a plain look at them says. */
export interface Domain<E = unknown> {
  readonly name: string;
  readonly type: string;
  readonly pipeline: Pipeline;
  readonly events: readonly E[];
  /** In the order of the README. */
  readonly oracles: readonly ((events: readonly E[]) => readonly Row[])[];
}

/** What a user runs to get an example's events. */
export const generated = <E>(name: string): readonly E[] =>
  execFileSync(process.execPath, [`examples/${name}/events.mjs`], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as E);

/** The questions of an example's README. */
export const questionsOf = (name: string): readonly string[] =>
  [...readFileSync(`examples/${name}/README.md`, 'utf8').matchAll(/^curl -g 'http:\/\/127\.0\.0\.1:8080(\S+)'$/gm)].map(([, path = '']) => path);

/** Events by a key, in the order of its first events. */
export const groups = <E>(events: readonly E[], keyOf: (event: E) => string): readonly (readonly [string, readonly E[]])[] => {
  const found = new Map<string, E[]>();
  for (const event of events) {
    const group = found.get(keyOf(event));
    if (group === undefined) found.set(keyOf(event), [event]);
    else group.push(event);
  }
  return [...found];
};
export const sumOf = <E>(events: readonly E[], of: (event: E) => number): number => events.reduce((sum, event) => sum + of(event), 0);
/** Of money, without the errors of binary fractions. */
export const centsOf = <E>(events: readonly E[], of: (event: E) => number): number => sumOf(events, (event) => Math.round(of(event) * 100)) / 100;
export const distinctOf = <E>(events: readonly E[], of: (event: E) => unknown): number => new Set(events.map(of)).size;
/** The first by a number, the largest first. */
export const largest = <E>(list: readonly E[], of: (one: E) => number, limit = list.length): readonly E[] =>
  [...list].sort((a, b) => of(b) - of(a)).slice(0, limit);
/** The most frequent values, of which equals are in the order of their text. */
export const topOf = (values: readonly string[], limit = 10) =>
  groups([...values].sort(), (value) => value)
    .map(([value, all]) => ({ value, count: all.length }))
    .sort((a, b) => b.count - a.count)
    .slice(0, limit);

/** A number within a share of the exact one, for a comparison by `toEqual`. */
export const within = (share: number, exact: number) => ({
  asymmetricMatch: (given: unknown) => Math.abs((given as number) - exact) <= share * Math.abs(exact),
  toString: () => `within ${share} of ${exact}`,
});
/** What `distinct` answers: exact to 1,000 values, then an estimate. */
export const counted = (exact: number) => (exact <= 1_000 ? exact : within(0.05, exact));
/** Percentiles, within the 1 % that `quantiles` promises. */
export const percentiles = (values: readonly number[], ...ps: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  return Object.fromEntries(ps.map((p) => [`p${p}`, within(0.01, sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN)]));
};
/** Quotients of oracles may differ in the last digit. */
export const about = (exact: number) => within(1e-12, exact);
