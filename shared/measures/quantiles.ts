import { z } from 'zod';
import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Numeric } from '../definition/kinds.ts';
import { type Json, type MeasureKind, type MeasureUse, measureOf, type Where } from './measure.ts';

export interface QuantilesOptions<P extends readonly number[] = readonly number[]> {
  /** Percentiles from 1 to 99.99, by default 50, 90 and 99. */
  readonly p?: P;
}

/**
 * Percentiles by the nearest rank, from a sketch, each within 1 % of the value at that rank, and between the least and the
 * greatest. Values are counted in log-linear buckets, 50 to each power of two, as in HdrHistogram: counts merge exactly, and
 * only powers of two are computed, since logarithms differ between engines at the buckets' edges.
 * @example quantiles(edit.added) // answers { p50, p90, p99 }
 * @example quantiles(order.price, { p: [50, 99.9] })
 */
export const quantiles = <const A, const P extends readonly number[] = readonly [50, 90, 99], const W = never>(
  a: Arg<'quantiles', A, Numeric, 'a number'>,
  options?: QuantilesOptions<P> & Where<W>,
): MeasureUse<'quantiles', { readonly [N in P[number] as `p${N}`]: number | null }, ReadsOf<A> | ReadsOf<W>> => measureOf('quantiles', a, options);

const STEPS = 50;
/** Keeps buckets of positive values above 0 and those of negative values below it. */
const OFFSET = 60_000;
const view = new DataView(new ArrayBuffer(8));

const exponentOf = (p: number): number => {
  if (p < 2 ** -1022) return Math.floor(Math.log2(p));
  view.setFloat64(0, p);
  return ((view.getUint16(0) >> 4) & 0x7ff) - 1023;
};

/** The bucket of a finite number: 0 for zero, else ±(50·exponent + step + 60000). */
export const bucketOf = (x: number): number => {
  if (x === 0) return 0;
  const p = Math.abs(x);
  const exponent = exponentOf(p);
  return Math.sign(x) * (exponent * STEPS + Math.floor((p / 2 ** exponent - 1) * STEPS) + OFFSET);
};

/** The number that represents a bucket: within 1 % of each value that may be in it, and at their own scale if one of them is. */
const centreOf = (bucket: number, scale: number | null): number => {
  if (bucket === 0) return 0;
  const index = Math.abs(bucket) - OFFSET;
  const exponent = Math.floor(index / STEPS);
  const low = 2 ** exponent * (1 + (index - exponent * STEPS) / STEPS);
  const high = 2 ** exponent * (1 + (index - exponent * STEPS + 1) / STEPS);
  return Math.sign(bucket) * ((scale === null ? null : atScale(Math.abs(bucket), low, high, scale)) ?? between(low, high));
};
/** Their harmonic mean, at equal relative distance from both; computed in other steps if a product of theirs overflows or underflows. */
const between = (low: number, high: number): number => {
  const mean = (2 * low * high) / (low + high);
  return Number.isFinite(mean) && mean > 0 ? mean : low * ((2 * (high / low)) / (1 + high / low));
};
/** Between the least and the greatest number of a scale in a bucket, with as few more decimals as it takes to be near both; null if there is none. */
const atScale = (bucket: number, low: number, high: number, scale: number): number | null => {
  const number = (units: number) => Number(`${units}e-${scale}`);
  const isIn = (units: number) => units > 0 && bucketOf(number(units)) === bucket;
  if (high * 10 ** scale >= Number.MAX_SAFE_INTEGER) return null;
  // Products of doubles may be a unit off.
  const near = (units: number, step: 1 | -1) => [units - step, units, units + step].find(isIn);
  const [least, greatest] = [near(Math.ceil(low * 10 ** scale), 1), near(Math.floor(high * 10 ** scale), -1)];
  if (least === undefined || greatest === undefined) return null;
  const middle = between(least, greatest);
  for (let decimals = 0; decimals < 4; decimals++) {
    const one = Number(middle.toFixed(decimals));
    if (one >= least && one <= greatest && (one - least) / least <= MAX_ERROR && (greatest - one) / greatest <= MAX_ERROR) return number(one);
  }
  return number(middle);
};

/** Counts by bucket; the least and the greatest value, null if the state was stored before those were kept. */
interface Seen {
  readonly buckets: Map<number, number>;
  min: number | null;
  max: number | null;
}
const count = ({ buckets }: Seen, bucket: number, n: number) => void buckets.set(bucket, (buckets.get(bucket) ?? 0) + n);
const sorted = ({ buckets }: Seen) => [...buckets].sort(([a], [b]) => a - b);
const extreme = (how: (a: number, b: number) => number, a: number | null, b: number | null) => (a === null || b === null ? null : how(a, b));

const percentilesOf = ({ p = [50, 90, 99] }: QuantilesOptions): readonly number[] => p;

const MAX_ERROR = 0.01;
export const quantilesKind: MeasureKind<Seen, QuantilesOptions> = {
  name: 'quantiles',
  takes: { kinds: ['integer', 'decimal', 'float'], words: 'a number' },
  options: z.strictObject({
    p: z.array(z.number().min(1).max(99.99)).min(1).max(20).exactOptional().meta({ description: '1 to 20 percentiles from 1 to 99.99', example: '[50, 95]' }),
  }),
  errorBound: MAX_ERROR,
  answers: ({ options }) => z.object(Object.fromEntries(percentilesOf(options).map((p) => [`p${p}`, z.number().nullable()]))),
  build: ({ kind, scale, options }) => {
    const percentiles = percentilesOf(options);
    const precision = kind === 'float' ? null : scale;
    return {
      zero: () => ({ buckets: new Map(), min: null, max: null }),
      add: (seen, value) => {
        const x = Number(value);
        const isFirst = seen.buckets.size === 0;
        seen.min = isFirst ? x : extreme(Math.min, seen.min, x);
        seen.max = isFirst ? x : extreme(Math.max, seen.max, x);
        count(seen, bucketOf(x), 1);
        return seen;
      },
      merge: (a, b) => {
        if (b.buckets.size === 0) return a;
        // A copy: the second may be merged into others as well.
        if (a.buckets.size === 0) return { ...b, buckets: new Map(b.buckets) };
        a.min = extreme(Math.min, a.min, b.min);
        a.max = extreme(Math.max, a.max, b.max);
        for (const [bucket, n] of b.buckets) count(a, bucket, n);
        return a;
      },
      present: (seen) => {
        const ordered = sorted(seen);
        const total = ordered.reduce((sum, [, n]) => sum + n, 0);
        return Object.fromEntries(percentiles.map((p) => [`p${p}`, inside(seen, atRank(ordered, Math.max(1, Math.ceil((p * total) / 100)), precision))]));
      },
      // Without extremes it is the form from before they were kept.
      encode: (seen) => (seen.min === null || seen.max === null ? sorted(seen).flat() : [sorted(seen).flat(), seen.min, seen.max]),
      decode: (json: Json) => {
        if (!Array.isArray(json)) return { buckets: bucketsOf(json), min: null, max: null };
        const [first, min, max] = json as readonly Json[];
        if (typeof first !== 'object') return { buckets: bucketsOf(json), min: null, max: null };
        return { buckets: bucketsOf(first), min: Number(min), max: Number(max) };
      },
      bucket: { of: (value) => bucketOf(Number(value)), sql: (_, value) => bucketSql(value) },
      sql: (dialect, value) => {
        const buckets = `histogram(${bucketSql(value)})`;
        return `'[' || ${dialect.json(buckets)} || ',' || ${dialect.json(`min(${value})`)} || ',' || ${dialect.json(`max(${value})`)} || ']'`;
      },
    };
  },
};

const bucketSql = (value: string): string => {
  const x = `CAST(${value} AS DOUBLE)`;
  const p = `nullif(abs(${x}), 0e0)`;
  const exponent = `floor(log2(${p}))`;
  return `CASE WHEN ${x} = 0e0 THEN 0 ELSE CAST(sign(${x}) * (${exponent} * ${STEPS} + floor((${p} / pow(2e0, ${exponent}) - 1) * ${STEPS}) + ${OFFSET}) AS BIGINT) END`;
};

/** Counts by bucket from a list in pairs, or from SQL's object. */
const bucketsOf = (json: Json | undefined): Map<number, number> => {
  if (!Array.isArray(json)) return new Map(Object.entries(json ?? {}).map(([bucket, n]) => [Number(bucket), Number(n)]));
  const buckets = new Map<number, number>();
  for (let i = 0; i < json.length; i += 2) buckets.set(Number(json[i]), Number(json[i + 1]));
  return buckets;
};
const inside = ({ min, max }: Seen, x: number | null): number | null => (x === null ? null : Math.min(max ?? x, Math.max(min ?? x, x)));

const atRank = (ordered: readonly (readonly [number, number])[], rank: number, precision: number | null): number | null => {
  let seen = 0;
  for (const [bucket, n] of ordered) {
    seen += n;
    if (seen >= rank) return centreOf(bucket, precision);
  }
  return null;
};
