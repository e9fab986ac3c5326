import { Temporal } from '@js-temporal/polyfill';
import type { Every, Part, Question, Scalar, Step } from './spec.ts';

// Windows and ranges by Temporal.

type Week = Question['week'];
export interface Clock {
  readonly zone: string;
  readonly week: Week;
}

const MINUTES = { m: 1, h: 60, d: 1_440, w: 10_080 } as const;
const MONTHS = { mo: 1, q: 3, y: 12 } as const;
const read = (every: Step) => {
  const [, n = '', unit = ''] = /^(\d+)(\w+)$/.exec(every) ?? [];
  const minutes = unit in MINUTES ? Number(n) * MINUTES[unit as 'm'] : null;
  const isOfDays = unit === 'd' || unit === 'w' || minutes === 1_440;
  return {
    days: isOfDays ? (minutes as number) / 1_440 : null,
    months: unit in MONTHS ? Number(n) * MONTHS[unit as 'mo'] : null,
    /** Hours that divide a day. */
    hours: !isOfDays && minutes !== null && minutes > 60 && minutes % 60 === 0 && 1_440 % minutes === 0 ? minutes / 60 : null,
    minutes,
  };
};
const zoned = (ms: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
interface Era {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offset: number;
}
const eras = new Map<string, Era[]>();
/** The time between two changes of a zone's clock; kept, since to look for them takes long. */
const eraOf = (ms: number, zone: string): Era => {
  const known = eras.get(zone) ?? [];
  eras.set(zone, known);
  const found = known.find(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
  if (found !== undefined) return found;
  const fromMs = zoned(ms + 1, zone).getTimeZoneTransition('previous')?.epochMilliseconds ?? Number.NEGATIVE_INFINITY;
  const toMs = zoned(ms, zone).getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
  const era = { fromMs, toMs, offset: zoned(ms, zone).offsetNanoseconds / 1e6 };
  known.push(era);
  return era;
};
const modulo = (a: number, b: number): number => ((a % b) + b) % b;

/** A Monday or a Sunday for weeks; else the day that computers count from. */
const originOf = (days: number, week: Week) => Temporal.PlainDate.from(days % 7 !== 0 ? '1970-01-01' : week === 'monday' ? '1969-12-29' : '1969-12-28');

/** What two times of one window have in common: the local date that the window begins on, and the hour of it. */
const nameOf = (ms: number, every: Step, { zone, week }: Clock): { readonly day: string; readonly hour: number } => {
  const time = zoned(ms, zone);
  const date = time.toPlainDate();
  const { days, months, hours } = read(every);
  if (hours !== null) return { day: String(date), hour: time.hour - (time.hour % hours) };
  if (days !== null) return { day: String(date.subtract({ days: modulo(originOf(days, week).until(date).days, days) })), hour: 0 };
  return { day: String(date.with({ day: 1 }).subtract({ months: modulo(date.year * 12 + date.month - 1, months as number) })), hour: 0 };
};

/** The start of the window that a time falls in. */
export const windowStart = (ms: number, every: Step, clock: Clock): number => {
  const { zone } = clock;
  const { days, months, hours, minutes } = read(every);
  if (days === null && months === null && hours === null) {
    // On the wall clock, and anew where that is set.
    const step = (minutes as number) * 60_000;
    const { fromMs: changeMs, offset } = eraOf(ms, zone);
    return Math.max(changeMs, Math.floor((ms + offset) / step) * step - offset);
  }
  const { day, hour } = nameOf(ms, every, clock);
  const nominal = Temporal.PlainDate.from(day).toPlainDateTime({ hour });
  // The first moment with this name: where the clock shows the beginning, or where it is set past it, or back over it.
  const candidates = (['earlier', 'later'] as const).map((disambiguation) => nominal.toZonedDateTime(zone, { disambiguation }).epochMilliseconds);
  for (let { toMs } = eraOf(Math.min(...candidates) - 86_400_000, zone); toMs <= ms; toMs = eraOf(toMs, zone).toMs) candidates.push(toMs);
  return Math.min(
    ...candidates.filter((at) => {
      const name = nameOf(at, every, clock);
      return name.day === day && name.hour === hour;
    }),
  );
};

export interface Window {
  readonly startMs: number;
  /** What of it is in the range. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Where the clock is set back over its end, some of the next window lies between its pieces. */
  readonly pieces: readonly { readonly fromMs: number; readonly toMs: number }[];
}
/** The window of a time, up to the end of a range: where the next one begins is searched for, in steps of the metric's own window. */
export const windowFrom = (ms: number, toMs: number, every: Step, clock: Clock, baseMs: number): Window => {
  const startMs = windowStart(ms, every, clock);
  const isIn = (steps: number) => windowStart(ms + steps * baseMs, every, clock) === startMs;
  let [low, high] = [0, 1];
  while (ms + high * baseMs < toMs && isIn(high)) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (ms + middle * baseMs < toMs && isIn(middle)) low = middle;
    else high = middle;
  }
  const piece = { fromMs: ms, toMs: Math.min(toMs, ms + high * baseMs) };
  return { startMs, ...piece, pieces: [piece] };
};
export const joined = (windows: readonly Window[]): Window[] => {
  const byStart = new Map<number, Window>();
  for (const window of windows) {
    const first = byStart.get(window.startMs);
    byStart.set(window.startMs, first === undefined ? window : { ...first, toMs: window.toMs, pieces: [...first.pieces, ...window.pieces] });
  }
  return [...byStart.values()];
};
export const windowsIn = (fromMs: number, toMs: number, every: Every, clock: Clock, baseMs: number): readonly Window[] => {
  if (every === 'all') return [{ startMs: fromMs, fromMs, toMs, pieces: [{ fromMs, toMs }] }];
  const windows: Window[] = [];
  for (let ms = fromMs; ms < toMs; ms = windows.at(-1)?.toMs ?? toMs) windows.push(windowFrom(ms, toMs, every, clock, baseMs));
  return joined(windows);
};

/** The time so much earlier: by the clock up to a day, by the calendar from there on. */
export const earlierBy = (ms: number, size: Step, zone: string): number => {
  const { days, months, minutes } = read(size);
  if (days !== null) return zoned(ms, zone).subtract({ days }).epochMilliseconds;
  return months !== null ? zoned(ms, zone).subtract({ months }).epochMilliseconds : ms - (minutes as number) * 60_000;
};

/** The range that another is compared with. */
export const comparedWith = ({ compare, fromMs, toMs, tz }: Question): { readonly fromMs: number; readonly toMs: number } => {
  if (typeof compare === 'object' && compare !== null) return compare;
  const [from, to] = [zoned(fromMs, tz), zoned(toMs, tz)];
  if (compare === 'year') return { fromMs: from.subtract({ years: 1 }).epochMilliseconds, toMs: to.subtract({ years: 1 }).epochMilliseconds };
  const isMidnight = [from, to].every((time) => time.equals(time.startOfDay()));
  const [first, last] = [from.toPlainDate(), to.toPlainDate()];
  if (isMidnight && fromMs < toMs && first.day === 1 && last.day === 1)
    return { fromMs: from.subtract({ months: first.until(last, { largestUnit: 'months' }).months }).epochMilliseconds, toMs: fromMs };
  if (isMidnight) return { fromMs: from.subtract({ days: first.until(last).days }).epochMilliseconds, toMs: fromMs };
  return { fromMs: fromMs - (toMs - fromMs), toMs: fromMs };
};

export const PARTS: readonly Part[] = ['@hour', '@weekday', '@date', '@month'];
export const partOf = (part: Part, ms: number, zone: string): Scalar => {
  const time = zoned(ms, zone);
  return { '@hour': time.hour, '@weekday': time.dayOfWeek, '@date': time.toPlainDate().toString(), '@month': time.month }[part];
};
