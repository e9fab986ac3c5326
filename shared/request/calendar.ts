import { DAY, firstDay, HOUR, type Step, stepOf, type Week } from './steps.ts';

/** The calendar of one time zone. */
export interface Calendar {
  /**
   * The start of the window that a time falls in. Windows up to 1h, and those that do not divide a day, begin when the wall
   * clock shows a multiple of them, and begin anew when it is set forward or back, so they never overlap. Longer ones contain
   * all times with their local date (and part of the day), even if the clock is set back over midnight.
   */
  floor(ms: number, every: Step): number;
  /** Whether all times from ≤ t < to fall in one window. */
  isOneWindow(fromMs: number, toMs: number, every: Step): boolean;
  /**
   * The time at which the wall clock shows this; the earlier one if it shows it twice. If the clock is set forward past it, the
   * time that it would have been (RFC 5545, section 3.3.5); if midnight itself is skipped, the first moment of the day.
   * @param local a date, or a date and a time: 2015-09-12, 2015-09-12T10:30
   */
  fromLocal(local: string): number;
  /** Local wall-clock time minus UTC, in milliseconds. */
  offset(ms: number): number;
}

export const utc = (week: Week): Calendar => {
  const floor: Calendar['floor'] = (ms, every) => {
    const step = stepOf(every);
    if (step.kind === 'days' || step.kind === 'months') return firstDay(Math.floor(ms / DAY), step, week) * DAY;
    const length = step.kind === 'clock' ? step.ms : step.hours * HOUR;
    return Math.floor(ms / length) * length;
  };
  return {
    floor,
    isOneWindow: (fromMs, toMs, every) => floor(fromMs, every) === floor(toMs - 1, every),
    fromLocal: (local) => Date.parse(local.includes('T') ? `${local}Z` : local),
    offset: () => 0,
  };
};
export const UTC: Calendar = utc('monday');
