import * as PlainDateTime from 'temporal-polyfill/fns/PlainDateTime';
import { daysBefore, daysIn, inRange } from './times.ts';

/** Shifts of the decimal point from each unit to milliseconds. */
const SHIFTS = { s: 3, ms: 0, us: -3, ns: -6 } as const;
/** Units that epoch times are counted in: seconds, milliseconds, microseconds, nanoseconds. */
export const UNITS = ['s', 'ms', 'us', 'ns'] as const;
export type TimeUnit = (typeof UNITS)[number];

export interface TimeOptions {
  /** What numbers count, since 1970: seconds, milliseconds, microseconds or nanoseconds. Without it, numbers are refused. */
  readonly unit?: TimeUnit;
  /** The IANA zone of times that name none, such as Europe/Berlin. Without it, such times are refused. */
  readonly zone?: string;
}

const DECIMAL = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?$/;
/** Whether a text is a decimal number. */
export const isDecimal = (text: string): boolean => DECIMAL.test(text);

/** Epoch milliseconds of a number of units since 1970, given as text, truncated. Null outside of the years 1 to 9999. */
export const epochMs = (text: string, unit: TimeUnit): number | null => {
  const [, sign, digits, fraction = ''] = DECIMAL.exec(text) ?? [];
  if (digits === undefined) return null;
  const shift = SHIFTS[unit];
  // The decimal point is shifted in the text, because a double cannot hold today's nanoseconds.
  const all = (shift < 0 ? digits.padStart(1 - shift, '0') : digits) + fraction.padEnd(Math.max(shift, 0), '0');
  const point = all.length - Math.max(fraction.length, Math.max(shift, 0)) + shift;
  const [whole, rest] = [Number(all.slice(0, point)), all.slice(point)];
  const ms = sign === '-' ? 0 - whole - (/[1-9]/.test(rest) ? 1 : 0) : whole;
  return inRange(ms) ? ms : null;
};

const [PLAUSIBLE_FROM_MS, PLAUSIBLE_TO_MS] = [Date.UTC(2000, 0), Date.UTC(2100, 0)];
/** The unit in which a number is a time of this century; there is at most one. */
export const likelyUnit = (text: string): TimeUnit | null =>
  UNITS.find((unit) => {
    const ms = epochMs(text, unit);
    return ms !== null && ms >= PLAUSIBLE_FROM_MS && ms < PLAUSIBLE_TO_MS;
  }) ?? null;

const WRITTEN =
  /^(\d{4})([-/])(\d\d)\2(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,40}))?)?(?: ?([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?))?(?:\[[\w/+-]{1,64}\])?)?$/;
const MINUTE = 60_000;
const DAY_MS = 1_440 * MINUTE;

/**
 * Epoch milliseconds of a time in one of the usual notations: RFC 3339, an offset as +0200 or +02, a space for the T, slashes
 * in the date, no seconds, a zone's name in brackets after its offset. One without a zone, even a date alone, is what a clock
 * in `zone` shows: the first time if it shows it twice. Null if it is not a time, 'local' if it lacks a zone and none is given.
 */
export const writtenMs = (text: string, zone: string | null): number | null | 'local' => {
  const found = WRITTEN.exec(text);
  if (found === null) return null;
  const part = (index: number) => Number(found[index] ?? 0);
  const at = wallMs({ year: part(1), month: part(3), day: part(4), hour: part(5), minute: part(6), second: part(7), fraction: found[8] ?? '' });
  if (at === null) return null;
  const named = found[9];
  if (named === undefined && zone === null) return 'local';
  const offset = named === undefined ? null : offsetMs(named);
  if (named !== undefined && offset === null) return null;
  const ms = offset === null ? zonedMs(at.ms, zone ?? 'UTC') : at.ms - offset;
  return inRange(ms) && !(at.isLeap && (ms + 1) % DAY_MS !== 0) ? ms : null;
};

interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly fraction: string;
}
/** What the clock shows, as if it were UTC; a leap second is the last millisecond of its minute. Null for what no clock shows. */
const wallMs = ({ year, month, day, hour, minute, second, fraction }: Wall): { readonly ms: number; readonly isLeap: boolean } | null => {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 60) return null;
  const isLeap = second === 60;
  const days = daysBefore(year, month) + day;
  const ms = isLeap ? 59_999 : second * 1_000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  return { ms: days * DAY_MS + (hour * 60 + minute) * MINUTE + ms, isLeap };
};

const offsetMs = (named: string): number | null => {
  if (!/^[+-]/.test(named)) return 0;
  const digits = named.slice(1).replace(':', '');
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  return hours > 23 || minutes > 59 ? null : (named.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE;
};

const zonedMs = (wall: number, zone: string): number => {
  if (zone === 'UTC') return wall;
  const at = new Date(wall);
  const shown = PlainDateTime.create(
    at.getUTCFullYear(),
    at.getUTCMonth() + 1,
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
    at.getUTCSeconds(),
    at.getUTCMilliseconds(),
  );
  return PlainDateTime.toZonedDateTime(shown, zone).epochMilliseconds;
};
