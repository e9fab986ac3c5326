import { MAX_MS, MIN_MS, parseTime } from '../definition/times.ts';
import type { Calendar } from './calendar.ts';
import { earlier } from './earlier.ts';
import { badRequest } from './problem.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

const RELATIVE = /^-(\d{1,6})([smhdw])$/;
/** By the calendar: months and years differ in length. */
const RELATIVE_MONTHS = /^-(\d{1,5})(mo|q|y)$/;
const MONTHS: Readonly<Record<string, number>> = { mo: 1, q: 3, y: 12 };
const DAYS_AGO: Readonly<Record<string, number>> = { today: 0, yesterday: 1 };

/** Epoch milliseconds, from 1973 on, as in Grafana's ${__from}. */
const EPOCH_MS = /^\d{11,15}$/;
/** A present-day time in seconds. */
const EPOCH_SECONDS = /^\d{9,10}$/;

/** Whether a time is rounded to windows: if it is relative to now, or a number, which no person typed. */
export const isRounded = (text: string): boolean =>
  text === 'now' || Object.hasOwn(DAYS_AGO, text) || RELATIVE.test(text) || RELATIVE_MONTHS.test(text) || EPOCH_MS.test(text);

/** A time: ISO 8601 with a zone, or a date or local time in the query's zone, epoch milliseconds, or relative to now (`-24h`, `-1mo`, `today`, `now`). */
export const timeOf = (what: string, text: string, zone: Calendar, nowMs: number): number => {
  if (text === 'now') return nowMs;
  const [, amount, unit = ''] = RELATIVE.exec(text) ?? [];
  if (amount !== undefined) {
    const ms = nowMs - Number(amount) * (UNIT_MS[unit] as number);
    if (ms < MIN_MS) throw badRequest(`${what}: Expected a time from the year 1 on, got '${text}'`);
    return ms;
  }
  const days = Object.hasOwn(DAYS_AGO, text) ? DAYS_AGO[text] : undefined;
  if (days !== undefined) return earlier(zone, zone.floor(nowMs, '1d'), { days });
  const [, months, long = ''] = RELATIVE_MONTHS.exec(text) ?? [];
  if (months !== undefined) return earlier(zone, nowMs, { months: Number(months) * (MONTHS[long] as number) });
  if (EPOCH_MS.test(text) && Number(text) <= MAX_MS) return Number(text);
  if (EPOCH_SECONDS.test(text)) throw badRequest(`${what}: Expected epoch milliseconds, got '${text}', which is a time in seconds: write ${text}000`);
  const local = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?)?$/.exec(text);
  // A plus sign that was not encoded has become a space.
  const ms = local === null ? parseTime(text.replace(/ (\d\d:?\d\d)$/, '+$1')) : parseTime(`${local[1]}${local[2] ?? 'T00:00'}Z`);
  if (ms === null)
    throw badRequest(`${what}: Expected ISO 8601 such as 2015-09-12 or 2015-09-12T10:00:00Z, or relative such as -24h, got '${text.slice(0, 64)}'`);
  return local === null ? ms : zone.fromLocal(text);
};
