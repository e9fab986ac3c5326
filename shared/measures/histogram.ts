import { z } from 'zod';
import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Numeric } from '../definition/kinds.ts';
import { double } from '../sql/dialect.ts';
import { type Json, type MeasureKind, type MeasureSpec, type MeasureUse, measureOf, type Where } from './measure.ts';

export interface HistogramOptions {
  /** The width of each bucket; they begin at its multiples. */
  readonly step?: number;
  /** The limits between buckets, in ascending order, at most 100. */
  readonly bounds?: readonly number[];
}
export interface Bucket {
  /** Its first value; null for the one below all bounds. */
  readonly from: number | null;
  /** The first value past it; null for the one above all bounds. */
  readonly to: number | null;
  readonly count: number;
}

/**
 * How many values are in each bucket, exactly: with `bounds` every bucket, with `step` those from the first to the last that
 * has a value. Values past 1,000 steps from zero fall into two open-ended buckets.
 * @example histogram(order.price, { bounds: [10, 50, 100] }) // below 10, 10 to 50, 50 to 100, 100 and more
 * @example histogram(request.ms, { step: 100 })
 */
export const histogram = <const A, const W = never>(
  a: Arg<'histogram', A, Numeric, 'a number'>,
  options: HistogramOptions & Where<W>,
): MeasureUse<'histogram', readonly Bucket[], ReadsOf<A> | ReadsOf<W>> => measureOf('histogram', a, options);

const MOST_STEPS = 1_000;

/** How many units of a decimal's last place a step is: a quotient of doubles may be just below the whole number that it should be. */
const unitsOf = ({ kind, scale }: MeasureSpec<HistogramOptions>, step: number): number => (kind === 'decimal' ? Math.round(step * 10 ** scale) : step);

const refuses = (spec: MeasureSpec<HistogramOptions>): { what: string; fix: string } | null => {
  const { step, bounds } = spec.options;
  if ((step === undefined) === (bounds === undefined))
    return { what: 'Expected either { step } or { bounds }', fix: 'write one such as { step: 10 } or { bounds: [1, 10, 100] }' };
  if (bounds?.some((bound, i) => i > 0 && bound <= (bounds[i - 1] as number))) return { what: 'Expected bounds in ascending order', fix: 'sort them' };
  if (step === undefined || spec.kind === 'float') return null;
  const units = unitsOf(spec, step);
  if (!Number.isSafeInteger(units) || units < 1 || (spec.kind === 'decimal' && step !== Number(`${units}e-${spec.scale}`)))
    return { what: `Expected a step of at most ${spec.scale} decimals, got ${step}`, fix: 'take a multiple of what the values differ by' };
  return null;
};

export const histogramKind: MeasureKind<Map<number, number>, HistogramOptions> = {
  name: 'histogram',
  takes: { kinds: ['integer', 'decimal', 'float'], words: 'a number' },
  options: z.strictObject({
    step: z.number().positive().exactOptional().meta({ description: 'a number above 0', example: '10' }),
    bounds: z.array(z.number()).min(1).max(100).exactOptional().meta({ description: '1 to 100 numbers', example: '[1, 10, 100]' }),
  }),
  refuses,
  answers: () => z.array(z.object({ from: z.number().nullable(), to: z.number().nullable(), count: z.int().min(0) })),
  build: (spec) => {
    const { kind, scale } = spec;
    const { step, bounds } = spec.options;
    const units = step === undefined ? 1 : unitsOf(spec, step);
    const fixed = (x: number) => (kind === 'decimal' ? Math.floor(x * 10 ** scale + 0.5) : x);
    const clipped = (index: number) => Math.max(-MOST_STEPS, Math.min(MOST_STEPS, index)) + 0;
    const placeOf = (x: number): number =>
      bounds === undefined ? clipped(Math.floor(fixed(x) / units)) : bounds.reduce((place, bound) => (x >= bound ? place + 1 : place), 0);
    const count = (state: Map<number, number>, place: number, n: number) => void state.set(place, (state.get(place) ?? 0) + n);
    const placeSql = (value: string): string => {
      const x = `CAST(${value} AS DOUBLE)`;
      const whole = kind === 'decimal' ? `floor(${x} * ${double(10 ** scale)} + 0.5e0)` : x;
      const steps = `least(greatest(floor(${whole} / ${double(units)}), ${double(-MOST_STEPS)}), ${double(MOST_STEPS)})`;
      return bounds === undefined
        ? `CAST(CASE WHEN ${value} IS NOT NULL THEN ${steps} END AS BIGINT)`
        : `CASE WHEN ${value} IS NULL THEN NULL ${bounds.map((bound, i) => `WHEN ${x} < ${double(bound)} THEN ${i}`).join(' ')} ELSE ${bounds.length} END`;
    };
    const limit = (place: number): number | null =>
      bounds !== undefined ? (bounds[place] ?? null) : kind === 'decimal' ? Number(`${place * units}e-${scale}`) : place * units;
    const bucket = (state: Map<number, number>, place: number): Bucket => {
      const [first, last] = bounds === undefined ? [-MOST_STEPS, MOST_STEPS] : [0, bounds.length];
      const [from, to] = bounds === undefined ? [place, place + 1] : [place - 1, place];
      return { from: place === first ? null : limit(from), to: place === last ? null : limit(to), count: state.get(place) ?? 0 };
    };
    return {
      zero: () => new Map(),
      add: (state, value) => {
        count(state, placeOf(Number(value)), 1);
        return state;
      },
      merge: (a, b) => {
        for (const [place, n] of b) count(a, place, n);
        return a;
      },
      present: (state) => {
        const places = [...state.keys()];
        const [from, to] = bounds === undefined ? [Math.min(...places), Math.max(...places)] : [0, bounds.length];
        const all: Bucket[] = [];
        for (let place = from; place <= to; place++) all.push(bucket(state, place));
        return all as unknown as Json;
      },
      encode: (state) => [...state].sort(([a], [b]) => a - b).flat(),
      decode: (json) => {
        const state = new Map<number, number>();
        if (Array.isArray(json)) for (let i = 0; i < json.length; i += 2) state.set(Number(json[i]), Number(json[i + 1]));
        else for (const [place, n] of Object.entries(json ?? {})) state.set(Number(place), Number(n));
        return state;
      },
      bucket: { of: (value) => placeOf(Number(value)), sql: (_, value) => placeSql(value) },
      sql: (dialect, value) => dialect.json(`histogram(${placeSql(value)})`),
    };
  },
};
