import { ceilTo, DAY_MS, floorTo, HOUR_MS, isStep, lengthMs, type Step, stepFor, stepsFor } from './steps.ts';

/** The ranges that have a button and a key of their own; the others are in the picker. */
export const NEAR = ['1h', '12h', '24h', '7d'] as const;
export const FAR = ['3h', '30d', '90d', '365d', 'all'] as const;
const NAMES: Readonly<Record<string, string>> = {
  '1h': 'Last hour',
  '3h': 'Last 3 hours',
  '12h': 'Last 12 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
  '365d': 'Last year',
  all: 'Everything',
};
export const rangeName = (range: string): string => NAMES[range] ?? range;

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly every: Step;
  /** By zoom or dates, so that it does not move with the clock. */
  readonly isFixed: boolean;
  readonly steps: readonly Step[];
}
/** What is known about the events' own times. */
export interface Extent {
  readonly first: number | null;
  readonly last: number | null;
}
export interface RangeQuery {
  readonly range: string;
  readonly every: string;
  readonly zone: string;
  readonly nowMs: number;
  readonly extent: Extent;
  /** The coarsest window of the metrics on the page. */
  readonly window: string;
}

/** Where ranges end: now, or at the newest event if that is long past, as in a sample of some old day. */
export const endOf = ({ nowMs, extent: { last } }: Pick<RangeQuery, 'nowMs' | 'extent'>): number => (last === null || last > nowMs - DAY_MS ? nowMs : last + 1);

const DEFAULT = '24h';
/** The range of a view, whole windows in the zone. */
export const rangeOf = (query: RangeQuery): Range => {
  const { range, zone, extent, window } = query;
  const fixed = fixedOf(range);
  const to = fixed?.to ?? endOf(query);
  const from = fixed?.from ?? (range === 'all' ? (extent.first ?? to - DAY_MS) : to - lengthOf(range));
  const length = Math.max(to - from, HOUR_MS / 60);
  const steps = stepsFor(length, window);
  const every = isStep(query.every) && lengthMs(query.every) >= lengthMs(window) && steps.includes(query.every) ? query.every : stepFor(length, window);
  const end = ceilTo(to, every, zone);
  const start = fixed === null && range !== 'all' ? ceilTo(end - length, every, zone) : floorTo(from, every, zone);
  return { from: Math.min(start, end - 1), to: end, every, isFixed: fixed !== null, steps };
};

const lengthOf = (range: string): number => {
  const [, number, unit] = /^(\d{1,5})([hd])$/.exec(range || DEFAULT) ?? [];
  return number === undefined ? DAY_MS : Number(number) * (unit === 'h' ? HOUR_MS : DAY_MS);
};
/** The range that such a text is; null if it is none. */
export const fixedOf = (range: string): { readonly from: number; readonly to: number } | null => {
  const [from = Number.NaN, to = Number.NaN] = range.split('..').map((time) => Date.parse(time));
  return to > from ? { from, to } : null;
};

/** A fixed range as it is written in the URL. */
export const fixedRange = (from: number, to: number): string => `${isoOf(from)}..${isoOf(to)}`;
/** To the minute where that is exact. */
export const isoOf = (ms: number): string => new Date(ms).toISOString().replace(/(:00)?\.000Z$/, 'Z');
