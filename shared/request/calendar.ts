/** What answers are cut into. */
export const EVERY = ['1m', '5m', '15m', '1h', '6h', '1d', '7d', '1mo', 'all'] as const;
export type Every = (typeof EVERY)[number];
export type Step = Exclude<Every, 'all'>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** Windows that are a length of time. */
export const CLOCK_STEPS: Readonly<Partial<Record<Step, number>>> = { '1m': MINUTE, '5m': 5 * MINUTE, '15m': 15 * MINUTE, '1h': HOUR };

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

/** The day, counted from 1970, on which the window of a day begins. */
export const firstDay = (day: number, every: '1d' | '7d' | '1mo'): number => {
  if (every === '1d') return day;
  // Day 0 was a Thursday.
  if (every === '7d') return day - ((((day + 3) % 7) + 7) % 7);
  return day - new Date(day * DAY).getUTCDate() + 1;
};

const floorUtc: Calendar['floor'] = (ms, every) => {
  const step = every === '6h' ? DAY / 4 : CLOCK_STEPS[every];
  if (step !== undefined) return Math.floor(ms / step) * step;
  return firstDay(Math.floor(ms / DAY), every as '1d' | '7d' | '1mo') * DAY;
};
export const UTC: Calendar = {
  floor: floorUtc,
  isOneWindow: (fromMs, toMs, every) => floorUtc(fromMs, every) === floorUtc(toMs - 1, every),
  fromLocal: (local) => Date.parse(local.includes('T') ? `${local}Z` : local),
  offset: () => 0,
};
