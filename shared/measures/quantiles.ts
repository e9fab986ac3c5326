import { z } from 'zod';
import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Numeric } from '../definition/kinds.ts';
import { type Json, type MeasureKind, type MeasureUse, measureOf } from './measure.ts';

export interface QuantilesOptions<P extends readonly number[] = readonly number[]> {
  /** Percentiles from 1 to 99.99, by default 50, 90 and 99. */
  readonly p?: P;
}

/**
 * Percentiles by the nearest rank, each within 1 % of a value that was seen. Values are counted in log-linear buckets,
 * 50 to each power of two, as in HdrHistogram: counts merge exactly, and only powers of two are computed, since
 * logarithms differ between engines at the buckets' edges.
 * @example quantiles(edit.added) // answers { p50, p90, p99 }
 * @example quantiles(order.price, { p: [50, 99.9] })
 */
export const quantiles = <const A, const P extends readonly number[] = readonly [50, 90, 99]>(
  a: Arg<'quantiles', A, Numeric, 'a number'>,
  options?: QuantilesOptions<P>,
): MeasureUse<'quantiles', { readonly [N in P[number] as `p${N}`]: number | null }, ReadsOf<A>> => measureOf('quantiles', a, options);

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

/** The number that stands for a bucket: at equal relative distance from both its ends, then at the values' own scale if that stays inside. */
const centreOf = (bucket: number, scale: number | null): number => {
  if (bucket === 0) return 0;
  const index = Math.abs(bucket) - OFFSET;
  const exponent = Math.floor(index / STEPS);
  const low = 2 ** exponent * (1 + (index - exponent * STEPS) / STEPS);
  const high = 2 ** exponent * (1 + (index - exponent * STEPS + 1) / STEPS);
  const middle = between(low, high);
  return Math.sign(bucket) * (scale === null ? middle : inside(low, high, middle, scale));
};
/** Their harmonic mean; in other steps where a product of theirs overflows or vanishes. */
const between = (low: number, high: number): number => {
  const mean = (2 * low * high) / (low + high);
  return Number.isFinite(mean) && mean > 0 ? mean : low * ((2 * (high / low)) / (1 + high / low));
};
const inside = (low: number, high: number, middle: number, scale: number): number => {
  const round = (x: number, how: (x: number) => number) => Number(`${how(Number(`${x}e${scale}`))}e-${scale}`);
  if (high * 10 ** scale >= Number.MAX_SAFE_INTEGER || low < 1e-6) return middle;
  const nearest = round(middle, Math.round);
  if (nearest >= low && nearest < high) return nearest;
  return round(low, Math.ceil);
};

type Buckets = Map<number, number>;
const count = (buckets: Buckets, bucket: number, n: number): Buckets => buckets.set(bucket, (buckets.get(bucket) ?? 0) + n);
const sorted = (buckets: Buckets) => [...buckets].sort(([a], [b]) => a - b);

const percentilesOf = ({ p = [50, 90, 99] }: QuantilesOptions): readonly number[] => p;

export const quantilesKind: MeasureKind<Buckets, QuantilesOptions> = {
  name: 'quantiles',
  takes: { kinds: ['integer', 'decimal', 'float'], words: 'a number' },
  options: z.strictObject({
    p: z.array(z.number().min(1).max(99.99)).min(1).max(20).exactOptional().meta({ description: '1 to 20 percentiles from 1 to 99.99', example: '[50, 95]' }),
  }),
  errorBound: 0.0099,
  answers: ({ options }) => z.object(Object.fromEntries(percentilesOf(options).map((p) => [`p${p}`, z.number().nullable()]))),
  build: ({ kind, scale, options }) => {
    const percentiles = percentilesOf(options);
    const precision = kind === 'float' ? null : scale;
    return {
      zero: () => new Map(),
      add: (buckets, value) => count(buckets, bucketOf(Number(value)), 1),
      merge: (a, b) => {
        for (const [bucket, n] of b) count(a, bucket, n);
        return a;
      },
      present: (buckets) => {
        const ordered = sorted(buckets);
        const total = ordered.reduce((sum, [, n]) => sum + n, 0);
        return Object.fromEntries(percentiles.map((p) => [`p${p}`, atRank(ordered, Math.max(1, Math.ceil((p * total) / 100)), precision)]));
      },
      encode: (buckets) => sorted(buckets).flat(),
      decode: (json: Json) => {
        if (!Array.isArray(json)) return new Map(Object.entries(json ?? {}).map(([bucket, n]) => [Number(bucket), Number(n)]));
        const buckets: Buckets = new Map();
        for (let i = 0; i < json.length; i += 2) buckets.set(Number(json[i]), Number(json[i + 1]));
        return buckets;
      },
      sql: (dialect, value) => {
        const x = `CAST(${value} AS DOUBLE)`;
        const p = `nullif(abs(${x}), 0e0)`;
        const exponent = `floor(log2(${p}))`;
        return dialect.json(
          `histogram(CASE WHEN ${x} = 0e0 THEN 0 ELSE CAST(sign(${x}) * (${exponent} * ${STEPS} + floor((${p} / pow(2e0, ${exponent}) - 1) * ${STEPS}) + ${OFFSET}) AS BIGINT) END)`,
        );
      },
    };
  },
};

const atRank = (ordered: readonly (readonly [number, number])[], rank: number, precision: number | null): number | null => {
  let seen = 0;
  for (const [bucket, n] of ordered) {
    seen += n;
    if (seen >= rank) return centreOf(bucket, precision);
  }
  return null;
};
