import { decimal } from '../../shared/definition/kinds.ts';
import type { Json } from '../../shared/measures/measure.ts';
import { random, seeds } from '../../testing/random.ts';
import { some } from '../support/long.ts';
import { AT, addAll, build, inParts } from './measuring.ts';

// What measures that are no estimates answer, against the plain way to compute it.

/** By decimal text, which is read as the nearest double. */
const nearestQuotient = (total: bigint, n: number): number => Number(`${(total * 10n ** 40n) / BigInt(n)}e-40`);

describe.each(some(seeds(3), 1))('seed %i', (seed) => {
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
