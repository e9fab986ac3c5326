import { measureKind } from '../../shared/measures/registry.ts';
import { random, seeds } from '../../testing/random.ts';
import { some } from '../support/long.ts';
import { addAll, build, inParts } from './measuring.ts';

// What estimates promise about their answers, against the plain way to compute them.

describe.each(some(seeds(3), 1))('seed %i', (seed) => {
  test('given more values than top keeps, then no count is too high, none falls short by more than it says, and the most frequent are there', () => {
    const r = random(seed);
    const measure = build('top', 'text', { keep: 20, limit: 10 });
    const values = Array.from({ length: 5_000 }, () => (r.chance(0.6) ? `hot ${r.integer(0, 4)}` : `cold ${r.integer(0, 3_000)}`));
    const exact = new Map<string, number>();
    for (const value of values) exact.set(value, (exact.get(value) ?? 0) + 1);
    for (const state of [addAll(measure, values), inParts(measure, values, 9)]) {
      const short = measure.undercount?.(state) ?? 0;
      const answer = measure.present(state) as unknown as { value: string; count: number }[];
      expect(short).toBeGreaterThan(0);
      expect(
        answer
          .slice(0, 5)
          .map(({ value }) => value)
          .sort(),
      ).toEqual(['hot 0', 'hot 1', 'hot 2', 'hot 3', 'hot 4']);
      for (const { value, count } of answer) {
        expect(count).toBeLessThanOrEqual(exact.get(value) ?? 0);
        expect(count + short).toBeGreaterThanOrEqual(exact.get(value) ?? 0);
      }
      const answered = new Set(answer.map(({ value }) => value));
      const last = answer.at(-1)?.count ?? 0;
      for (const [value, count] of exact) if (!answered.has(value)) expect(count).toBeLessThanOrEqual(last + short);
    }
  });

  test('given as many values as top keeps, then its counts are exact and it says so', () => {
    const r = random(seed);
    const measure = build('top', 'integer', { keep: 50, limit: 50 });
    const values = Array.from({ length: 3_000 }, () => r.integer(0, 49));
    const exact = new Map<number, number>();
    for (const value of values) exact.set(value, (exact.get(value) ?? 0) + 1);
    const state = inParts(measure, values, 7);
    expect(measure.undercount?.(state)).toBe(0);
    const answer = measure.present(state) as unknown as { value: number; count: number }[];
    expect(new Map(answer.map(({ value, count }) => [value, count]))).toEqual(exact);
    expect(answer.map(({ count }) => count)).toEqual([...exact.values()].sort((a, b) => b - a));
  });

  test.each([0, 1, 10, 511, 512, 513, 3_000, 100_000])('given %i distinct values, then uniques is within four standard errors', (n) => {
    const measure = build('uniques', 'text');
    const values = Array.from({ length: n }, (_, i) => `${seed}-${i}`);
    const error = measureKind('uniques').standardError as number;
    const state = addAll(measure, values);
    const answer = measure.present(state) as number;
    expect(Math.abs(answer - n)).toBeLessThanOrEqual(Math.max(1, 4 * error * n));
    if (n > 0) {
      const parts = inParts(measure, [...values, ...values.slice(0, 100)], 5);
      expect(measure.encode(parts)).toEqual(measure.encode(state));
    }
  });

  test.each([
    ['integer', 0, 1],
    ['decimal', 2, 0.01],
    ['float', 0, 0.001234],
  ] as const)('given %ss, then each percentile is within the declared bound of the value at its rank', (kind, scale, unit) => {
    const r = random(seed);
    const p = [1, 25, 50, 90, 99, 99.9];
    const measure = build('quantiles', kind, { p }, scale);
    const values = Array.from({ length: 2_001 }, () => {
      const n = Math.round((r.chance(0.2) ? -1 : 1) * 10 ** (r.next() * 7));
      return kind === 'decimal' ? Number(`${n}e-2`) : n * unit;
    });
    const sorted = [...values].sort((a, b) => a - b);
    const answer = measure.present(inParts(measure, values, 6)) as Readonly<Record<string, number>>;
    expect(Object.keys(answer)).toEqual(p.map((one) => `p${one}`));
    for (const one of p) {
      const exact = sorted[Math.max(1, Math.ceil((one * sorted.length) / 100)) - 1] as number;
      expect(Math.abs((answer[`p${one}`] as number) - exact)).toBeLessThanOrEqual(0.01 * Math.abs(exact));
    }
  });
});

test.each([2e154, 8e307, 1e-170, -3e200])('given one float %d, far from 1, then each percentile is within 1 %% of it', (value) => {
  const measure = build('quantiles', 'float');
  for (const answer of Object.values(measure.present(addAll(measure, [value])) as Record<string, number>))
    expect(Math.abs(answer - value)).toBeLessThanOrEqual(0.01 * Math.abs(value));
});

test.each<['integer' | 'decimal' | 'float', number, number]>([
  ['integer', 0, 64],
  ['integer', 0, 65],
  ['integer', 0, -99],
  ['integer', 0, 2 ** 53 - 1],
  ['decimal', 2, 0.21],
  ['decimal', 2, 0.22],
  ['decimal', 9, 1e-9],
  ['decimal', 3, -0.065],
  ['float', 0, 2e154],
  ['float', 0, 1e-170],
  ['float', 0, 1 / 3],
])('given one %s of scale %d, %d, then each percentile is just that', (kind, scale, value) => {
  const measure = build('quantiles', kind, {}, scale);
  expect(new Set(Object.values(measure.present(addAll(measure, [value])) as Record<string, number>))).toEqual(new Set([value]));
});

test.each([0, 1, 2, 3, 9])('given any two near decimals of scale %d, then percentiles are within 1 %% of the value at their rank and between both', (scale) => {
  const measure = build('quantiles', scale === 0 ? 'integer' : 'decimal', { p: [50, 99] }, scale);
  const r = random(7 + scale);
  for (let i = 0; i < 3_000; i++) {
    const units = r.integer(1, 10 ** r.integer(1, 7));
    const [low, high] = [units, units + r.integer(0, Math.ceil(units / 40))].map((n) => Number(`${n}e-${scale}`)) as [number, number];
    const { p50, p99 } = measure.present(addAll(measure, [low, high])) as { p50: number; p99: number };
    for (const [answer, exact] of [
      [p50, low],
      [p99, high],
    ] as const) {
      expect([scale, low, high, answer >= low && answer <= high]).toEqual([scale, low, high, true]);
      expect(Math.abs(answer - exact) / exact).toBeLessThanOrEqual(0.01);
    }
  }
});

test('given integers that are as frequent, then top lists them by value', () => {
  const measure = build('top', 'integer');
  expect(measure.present(addAll(measure, [100, 9, 10, 2]))).toEqual([2, 9, 10, 100].map((value) => ({ value, count: 1 })));
});
