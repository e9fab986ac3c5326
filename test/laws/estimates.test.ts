import type { Scalar } from '../../shared/definition/definition.ts';
import { decimal } from '../../shared/definition/kinds.ts';
import type { Json, Measure } from '../../shared/measures/measure.ts';
import { measureKind } from '../../shared/measures/registry.ts';
import { random, seeds } from '../../testing/random.ts';
import { some } from '../support/long.ts';

/** What a measure promises about its answers, against the plain way to compute them. */
const AT = { time: '2015-09-12T00:00:00.000Z', id: 'a' };
const build = (name: string, kind: 'integer' | 'decimal' | 'float' | 'text', options: object = {}, scale = 0): Measure =>
  measureKind(name).build({ kind, scale, options });
const addAll = (measure: Measure, values: readonly Scalar[]) => values.reduce<unknown>((state, value) => measure.add(state, value, AT), measure.zero());
const stored = (measure: Measure, state: unknown) => measure.decode(JSON.parse(JSON.stringify(measure.encode(state))));
/** Stored and merged again and again, as windows of windows are. */
const inParts = (measure: Measure, values: readonly Scalar[], parts: number) =>
  Array.from({ length: parts }, (_, part) =>
    addAll(
      measure,
      values.filter((_, i) => i % parts === part),
    ),
  )
    .map((state) => stored(measure, state))
    .reduce((a, b) => stored(measure, measure.merge(a, b)));

/** By decimal text, which is read as the nearest double. */
const nearestQuotient = (total: bigint, n: number): number => Number(`${(total * 10n ** 40n) / BigInt(n)}e-40`);

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

  test('given integers of any size, then sum and mean are those of exact arithmetic', () => {
    const r = random(seed);
    const values = Array.from({ length: 5_000 }, () => Math.round((r.next() - 0.4) * 2 ** r.integer(1, 53)));
    const exact = values.reduce((total, value) => total + BigInt(value), 0n);
    const sum = build('sum', 'integer');
    expect(BigInt(String(sum.encode(inParts(sum, values, 4))))).toBe(exact);
    expect(sum.present(addAll(sum, values))).toBe(Number(exact));
    const mean = build('mean', 'integer');
    expect(mean.present(inParts(mean, values, 4))).toBe(nearestQuotient(exact, values.length));
  });

  test('given prices, then their sum has no error of binary fractions', () => {
    const r = random(seed);
    const cents = Array.from({ length: 5_000 }, () => r.integer(-10_000, 1_000_000));
    const sum = build('sum', 'decimal', {}, 2);
    const total = cents.reduce((a, b) => a + b, 0);
    expect(
      sum.present(
        inParts(
          sum,
          cents.map((n) => Number(`${n}e-2`)),
          6,
        ),
      ),
    ).toBe(Number(`${total}e-2`));
  });
});

test.each([0, 1, 2, 5, 9])('given any number that decimal(%i) takes, then it is counted as what was written, and others are refused', (scale) => {
  const r = random(scale);
  const schema = decimal(scale);
  const sum = build('sum', 'decimal', {}, scale);
  for (let i = 0; i < 5_000; i++) {
    const n = Math.round(2 ** (51 * r.next()));
    const value = Number(`${n}e-${scale}`);
    expect(schema.safeParse(value).success).toBe(true);
    expect(sum.encode(sum.add(sum.zero(), value, AT))).toBe(n);
  }
  expect(schema.safeParse(Number(`${2 ** 51 + 1}e-${scale}`)).success).toBe(false);
  expect(schema.safeParse(Number(`15e-${scale + 1}`)).success).toBe(false);
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

test('given floats past 2^53 beside others, then a sum and a mean say how many are not in them', () => {
  for (const name of ['sum', 'mean']) {
    const measure = build(name, 'float', { scale: 3 }, 3);
    const state = inParts(measure, [1.5e16, 1, -9e300], 2);
    expect([measure.present(state), measure.outOfRange?.(state)]).toEqual([1, 2]);
    expect(measure.outOfRange?.(measure.decode(measure.encode(state)))).toBe(2);
  }
});

test('given a sum past 2^53, then its text is exact, and it is known that its number is not', () => {
  const integers = build('sum', 'integer');
  const state = addAll(integers, [Number.MAX_SAFE_INTEGER, 2]);
  expect([integers.exact?.(state), integers.isInexact?.(state), integers.present(state)]).toEqual(['9007199254740993', true, 9007199254740992]);
  const even = addAll(integers, [Number.MAX_SAFE_INTEGER, 1]);
  expect([integers.exact?.(even), integers.isInexact?.(even)]).toEqual(['9007199254740992', false]);
  const prices = build('sum', 'decimal', {}, 2);
  const total = addAll(prices, [...Array.from({ length: 5 }, () => 22_517_998_136_852.47)]);
  expect([prices.exact?.(total), prices.isInexact?.(total)]).toEqual(['112589990684262.35', true]);
  expect(prices.exact?.(addAll(prices, [-0.05]))).toBe('-0.05');
  expect(prices.isInexact?.(addAll(prices, [0.1, 0.2]))).toBe(false);
});

test('given integers whose sum is past 2^53, then their mean is the nearest double to the exact quotient', () => {
  const measure = build('mean', 'integer');
  for (const n of [2, 3, 7, 9]) {
    const values = Array.from({ length: n }, (_, i) => Number.MAX_SAFE_INTEGER - i * i * 3);
    const total = values.reduce((sum, value) => sum + BigInt(value), 0n);
    expect(measure.present(addAll(measure, values))).toBe(nearestQuotient(total, n));
  }
});

test('given 0.1 three times, then their mean is 0.1: one division of exact integers', () => {
  const measure = build('mean', 'decimal', {}, 2);
  expect(measure.present(addAll(measure, [0.1, 0.1, 0.1]))).toBe(0.1);
});

test('given integers that are as frequent, then top lists them by value', () => {
  const measure = build('top', 'integer');
  expect(measure.present(addAll(measure, [100, 9, 10, 2]))).toEqual([2, 9, 10, 100].map((value) => ({ value, count: 1 })));
});

test('given 0.1 and 0.2, then their sum at scale 6 is 0.3', () => {
  const measure = build('sum', 'float', { scale: 6 }, 6);
  expect(measure.present(addAll(measure, [0.1, 0.2]))).toBe(0.3);
});

test.each([
  ['count', 'integer', 0],
  ['sum', 'integer', null],
  ['mean', 'integer', null],
  ['min', 'integer', null],
  ['max', 'text', null],
  ['uniques', 'text', 0],
  ['variance', 'integer', null],
  ['stddev', 'decimal', null],
  ['distinct', 'text', 0],
  ['quantiles', 'integer', { p50: null, p90: null, p99: null }],
  ['top', 'text', []],
  ['latest', 'text', null],
  ['first', 'text', null],
] as const)('given no value, then %s answers what API users expect of nothing', (name, kind, answer) => {
  const measure = build(name, kind);
  expect(measure.present(measure.zero())).toEqual(answer as Json);
});

test('given texts, then min and max order them by UTF-8 bytes, not by UTF-16 units', () => {
  const texts = ['\uffee', '😀', 'Z', 'a', 'é'];
  const sorted = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect([build('min', 'text').present(addAll(build('min', 'text'), texts)), build('max', 'text').present(addAll(build('max', 'text'), texts))]).toEqual([
    sorted[0],
    sorted.at(-1),
  ]);
});
