import { fromLocal, offsetMs } from './zone.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Windows that the page offers, from the finest; each is a whole number of those before it that divide it. */
export const STEPS = ['1m', '5m', '15m', '30m', '1h', '3h', '6h', '12h', '1d', '1w', '1mo', '1q', '1y'] as const;
export type Step = (typeof STEPS)[number];
const NAMES: Readonly<Record<Step, string>> = {
  '1m': 'minute',
  '5m': '5 min',
  '15m': '15 min',
  '30m': '30 min',
  '1h': 'hour',
  '3h': '3 hours',
  '6h': '6 hours',
  '12h': '12 hours',
  '1d': 'day',
  '1w': 'week',
  '1mo': 'month',
  '1q': 'quarter',
  '1y': 'year',
};
export const stepName = (step: Step): string => NAMES[step];

const UNITS_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS, mo: 30 * DAY_MS, q: 91 * DAY_MS, y: 365 * DAY_MS };
/** A step's length; of months and longer ones, about. */
export const lengthMs = (step: string): number => {
  const [, number = '1', unit = 'm'] = /^(\d+)(\w+)$/.exec(step) ?? [];
  return Number(number) * (UNITS_MS[unit] ?? MINUTE_MS);
};
export const isStep = (text: string): text is Step => (STEPS as readonly string[]).includes(text);

const MONTHS: Readonly<Record<string, number>> = { '1mo': 1, '1q': 3, '1y': 12 };
/** Weeks begin on Monday; 1970-01-01 was a Thursday. */
const MONDAY_MS = 4 * DAY_MS;

const floorLocal = (local: number, step: Step): number => {
  const months = MONTHS[step];
  if (months !== undefined) {
    const date = new Date(local);
    return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / months) * months);
  }
  const length = lengthMs(step);
  const origin = step === '1w' ? MONDAY_MS : 0;
  return Math.floor((local - origin) / length) * length + origin;
};
const nextLocal = (local: number, step: Step): number => {
  const months = MONTHS[step];
  if (months === undefined) return local + lengthMs(step);
  const date = new Date(local);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months);
};

/** The start of the window that a time is in; below a day, windows go on through changes of the clock, as the API's do. */
export const floorTo = (ms: number, step: Step, zone: string): number => {
  const offset = offsetMs(ms, zone);
  const floor = floorLocal(ms + offset, step);
  return lengthMs(step) < DAY_MS ? floor - offset : fromLocal(floor, zone);
};
/** The start of the window after the one that a time is in. */
export const nextAfter = (ms: number, step: Step, zone: string): number => {
  if (lengthMs(step) < DAY_MS) return floorTo(ms, step, zone) + lengthMs(step);
  return fromLocal(nextLocal(floorLocal(ms + offsetMs(ms, zone), step), step), zone);
};
/** The start of the first window that does not begin before a time. */
export const ceilTo = (ms: number, step: Step, zone: string): number => {
  const floor = floorTo(ms, step, zone);
  return floor === ms ? ms : nextAfter(ms, step, zone);
};

const MIN_WINDOWS = 4;
const MAX_WINDOWS = 750;
/** The steps that a range can be shown in, given the metrics' coarsest own window. */
export const stepsFor = (rangeMs: number, window: string): readonly Step[] =>
  STEPS.filter((step) => lengthMs(step) >= lengthMs(window)).filter((step, i) => {
    const windows = rangeMs / lengthMs(step);
    return windows <= MAX_WINDOWS && (windows >= MIN_WINDOWS || i === 0);
  });

const AIM = 48;
/** The step with between some 24 and 96 windows in a range. */
export const stepFor = (rangeMs: number, window: string): Step => {
  const far = (step: Step) => Math.abs(Math.log(rangeMs / lengthMs(step) / AIM));
  const able = stepsFor(rangeMs, window);
  return able.reduce((best, step) => (far(step) < far(best) ? step : best), able[0] ?? '1d');
};
