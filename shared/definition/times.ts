const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?([Zz]|[+-]\d\d:?\d\d)$/;
const LEAP_SECOND = /([Tt ]\d\d:\d\d):60([.,]\d+)?/;
const DAY_MS = 86_400_000;
/** 0001-01-01 to 9999-12-31: years of four digits, which sort as text. */
export const MIN_MS = -62_135_596_800_000;
export const MAX_MS = 253_402_300_799_999;

/**
 * Epoch milliseconds of an RFC 3339 time with a zone, truncated; null if it is not one. A leap second (23:59:60 in UTC) is
 * the last millisecond of its minute.
 */
export const parseTime = (text: string): number | null => {
  if (!RFC_3339.test(text)) return null;
  // Date.parse accepts 24:00 as the next day.
  if (text.slice(11, 13) === '24') return null;
  const leapless = text.replace(LEAP_SECOND, '$1:59.999');
  const ms = Date.parse(leapless.replace(' ', 'T').replace(',', '.').toUpperCase());
  if (leapless !== text && (ms + 1) % DAY_MS !== 0) return null;
  return inRange(ms) && dayExists(text) ? ms : null;
};
const isSeconds = (value: number) => value >= SECONDS_FROM && value < SECONDS_TO;
/** 2000-01-01 and 2100-01-01 in seconds. */
const [SECONDS_FROM, SECONDS_TO] = [946_684_800, 4_102_444_800];
export const inRange = (ms: number) => ms >= MIN_MS && ms <= MAX_MS;
/** Date.parse accepts 30 February as 1 March. */
const dayExists = (text: string): boolean =>
  Number(text.slice(8, 10)) <= 28 || new Date(`${text.slice(0, 10)}T00:00:00.000Z`).toISOString().startsWith(text.slice(0, 10));

/**
 * A time as it is stored: UTC, milliseconds, as `Date.toISOString` writes it. Null if the value is neither RFC 3339 text nor
 * whole epoch milliseconds, and for a number that is a time of this century in seconds: in milliseconds those are days of 1970.
 */
export const canonicalTime = (value: unknown): { text: string; ms: number } | null => {
  if (typeof value === 'number')
    return Number.isInteger(value) && inRange(value) && !isSeconds(value) ? { text: new Date(value).toISOString(), ms: value } : null;
  if (typeof value !== 'string') return null;
  const canonical = canonicalMs(value);
  if (canonical !== null) return { text: value, ms: canonical };
  const ms = parseTime(value);
  return ms === null ? null : { text: new Date(ms).toISOString(), ms };
};

/** Epoch milliseconds of a text that is a time as it is stored; null for any other. Most times are, and Date.parse takes several times as long. */
export const canonicalMs = (text: string): number | null => {
  if (text.length !== 24 || !isBetween(text)) return null;
  const year = two(text, 0) * 100 + two(text, 2);
  const [month, day, hour, minute, second] = [two(text, 5), two(text, 8), two(text, 11), two(text, 14), two(text, 17)];
  const millisecond = two(text, 20) * 10 + digit(text, 22);
  // NaN fails every comparison.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return null;
  if (!(hour <= 23 && minute <= 59 && second <= 59 && millisecond >= 0)) return null;
  return (((daysBefore(year, month) + day) * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + millisecond;
};
/** Checks the characters between the digits of 2015-09-12T00:46:58.771Z. */
const isBetween = (text: string): boolean =>
  text.charCodeAt(4) === 0x2d &&
  text.charCodeAt(7) === 0x2d &&
  text.charCodeAt(10) === 0x54 &&
  text.charCodeAt(13) === 0x3a &&
  text.charCodeAt(16) === 0x3a &&
  text.charCodeAt(19) === 0x2e &&
  text.charCodeAt(23) === 0x5a;
/** NaN if it is not a digit. */
const digit = (text: string, at: number): number => {
  const value = text.charCodeAt(at) - 0x30;
  return value >= 0 && value <= 9 ? value : Number.NaN;
};
const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1);
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAYS_BEFORE = DAYS.map((_, month) => DAYS.slice(0, month).reduce((sum, days) => sum + days, 0));
export const daysIn = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : (DAYS[month - 1] as number));
/** Days from 1970-01-01 to the last day of the previous month. */
export const daysBefore = (year: number, month: number): number => {
  const years = year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leapDays - 719_163 + (DAYS_BEFORE[month - 1] as number) + (month > 2 && isLeap(year) ? 1 : 0);
};
