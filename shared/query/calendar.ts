import { Temporal } from 'temporal-polyfill';
import { badRequest } from '../http/problem.ts';
import { offsetsOf } from './offsets.ts';

/** What answers are cut into. */
export const EVERY = ['1m', '5m', '15m', '1h', '6h', '1d', '7d', '1mo', 'all'] as const;
export type Every = (typeof EVERY)[number];
export type Step = Exclude<Every, 'all'>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const CLOCK_STEPS: Readonly<Partial<Record<Step, number>>> = { '1m': MINUTE, '5m': 5 * MINUTE, '15m': 15 * MINUTE, '1h': HOUR };

/** Times of one time zone. */
export interface Calendar {
  /**
   * The start of the window that a time falls in. Windows up to 1h begin where the wall clock shows a multiple of them,
   * and anew where it is set forward or back, so they never overlap. Longer ones hold all times whose local date (and
   * quarter of the day) they have, also where the clock is set back over midnight. Weeks start on Monday.
   */
  floor(ms: number, every: Step): number;
  /** Whether all times from ≤ t < to fall in one window. */
  isOneWindow(fromMs: number, toMs: number, every: Step): boolean;
  /**
   * The time at which the wall clock shows this; the earlier one where it shows it twice. Where it is set forward past it,
   * the time that it would have been (RFC 5545, section 3.3.5); the first moment of the day where midnight itself is left out.
   * @param local a date, or a date and a time: 2015-09-12, 2015-09-12T10:30
   */
  fromLocal(local: string): number;
  /** Local wall-clock time minus UTC, in milliseconds. */
  offset(ms: number): number;
}

/** @throws {Problem} 400 if there is no such time zone. */
export const calendar = (zone: string): Calendar => {
  demandZone(zone);
  const offsetAt = offsetsOf(zone);
  /** The first moment of a local date, and of each of its quarters. */
  const startOf = memoized((quarter: number): number => {
    const date = EPOCH.add({ days: Math.floor(quarter / 4) });
    const start = date.toZonedDateTime(zone);
    const hour = 6 * (quarter - 4 * Math.floor(quarter / 4));
    return hour === 0 ? start.epochMilliseconds : startOfQuarter(date, hour, zone);
  });

  const floor: Calendar['floor'] = (ms, every) => {
    const offset = offsetAt(ms);
    const local = ms + offset.ms;
    const step = CLOCK_STEPS[every];
    if (step !== undefined) return Math.max(offset.fromMs, Math.floor(local / step) * step - offset.ms);
    if (every === '6h') return startOf(Math.floor(local / (DAY / 4)));
    const day = Math.floor(local / DAY);
    if (every === '1d') return startOf(4 * day);
    // Day 0 was a Thursday.
    if (every === '7d') return startOf(4 * (day - ((((day + 3) % 7) + 7) % 7)));
    return startOf(4 * firstOfMonth(day));
  };
  return {
    floor,
    isOneWindow: (fromMs, toMs, every) => {
      const startMs = floor(fromMs, every);
      // Within one offset windows follow each other, so that its ends say it.
      for (let atMs = fromMs; atMs < toMs; ) {
        const endMs = Math.min(toMs, offsetAt(atMs).toMs);
        if (floor(atMs, every) !== startMs || floor(endMs - 1, every) !== startMs) return false;
        atMs = endMs;
      }
      return true;
    },
    fromLocal: (local) =>
      local.includes('T')
        ? Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds
        : Temporal.PlainDate.from(local).toZonedDateTime(zone).epochMilliseconds,
    offset: (ms) => offsetAt(ms).ms,
  };
};

const EPOCH = Temporal.PlainDate.from('1970-01-01');

const demandZone = (zone: string): void => {
  try {
    // Offsets such as +02:00 are not offered: they are what a zone has at a time.
    if (/^[A-Za-z]/.test(zone) && Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)) return;
  } catch {}
  throw badRequest(`tz: Expected an IANA time zone such as Europe/Berlin, got '${zone.slice(0, 64)}'`);
};

/** The day, counted from 1970, that its month begins on. */
const firstOfMonth = (day: number): number => {
  const date = EPOCH.add({ days: day });
  return day - date.day + 1;
};

/** The first moment of a date at which the wall clock shows this hour or later. */
const startOfQuarter = (date: Temporal.PlainDate, hour: number, zone: string): number => {
  const at = date.toPlainDateTime({ hour }).toZonedDateTime(zone);
  if (at.hour === hour && at.minute === 0 && at.second === 0) return at.epochMilliseconds;
  // The clock is set forward past the hour: the quarter begins with that.
  return at.getTimeZoneTransition('previous')?.epochMilliseconds ?? at.epochMilliseconds;
};

const MOST_KEPT = 10_000;
const memoized = (make: (key: number) => number): ((key: number) => number) => {
  const known = new Map<number, number>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      if (known.size >= MOST_KEPT) known.clear();
      known.set(key, (value = make(key)));
    }
    return value;
  };
};
