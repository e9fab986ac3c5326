import { MIN_MS } from '../definition/times.ts';
import type { Calendar } from './calendar.ts';
import { DAY, HOUR, type Step, stepOf } from './steps.ts';

/**
 * The time at which the wall clock showed the same, some days or months earlier; in a month without that day, on its last day.
 * Never before the year 1.
 */
export const earlier = (zone: Calendar, ms: number, by: { readonly days: number } | { readonly months: number }): number => {
  const local = ms + zone.offset(ms);
  const before = 'days' in by ? local - by.days * DAY : monthsBefore(local, by.months);
  if (before < MIN_MS + DAY) return MIN_MS;
  const text = new Date(before).toISOString().slice(0, 23);
  // A date alone is the first moment of its day.
  return zone.fromLocal(text.endsWith('T00:00:00.000') ? text.slice(0, 10) : text);
};
const monthsBefore = (local: number, months: number): number => {
  const at = new Date(local);
  const month = at.getUTCFullYear() * 12 + at.getUTCMonth() - months;
  const days = (new Date(0).setUTCFullYear(0, month + 1, 0) - new Date(0).setUTCFullYear(0, month, 1)) / DAY + 1;
  const midnight = new Date(0).setUTCFullYear(0, month, Math.min(at.getUTCDate(), days));
  return midnight + (((local % DAY) + DAY) % DAY);
};

/** The time that is a step earlier: by the clock up to a day, by the calendar from there on. */
export const stepEarlier = (zone: Calendar, ms: number, size: Step): number => {
  const step = stepOf(size);
  if (step.kind === 'days' || step.kind === 'months') return earlier(zone, ms, step);
  return Math.max(MIN_MS, ms - (step.kind === 'clock' ? step.ms : step.hours * HOUR));
};
