import { badRequest } from '../http/problem.ts';

/** What answers are cut into. */
export const EVERY = ['1m', '5m', '15m', '1h', '6h', '1d', '7d', '1mo', 'all'] as const;
export type Every = (typeof EVERY)[number];

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const STEP: Readonly<Partial<Record<Every, number>>> = { '1m': MINUTE, '5m': 5 * MINUTE, '15m': 15 * MINUTE, '1h': 60 * MINUTE };

/** Times of one time zone. */
export interface Calendar {
  /** The start of the window that a time falls in; weeks start on Monday. */
  floor(ms: number, every: Exclude<Every, 'all'>): number;
  /** The time at which a local wall clock shows this; the earlier one where it shows it twice. */
  fromLocal(localMs: number): number;
  /** Local wall-clock time minus UTC, in ms. */
  offset(ms: number): number;
}

/** @throws {Problem} 400 if there is no such time zone. */
export const calendar = (zone: string): Calendar => {
  const offset = zone === 'UTC' ? () => 0 : offsetsOf(zone);
  const fromLocal = (localMs: number): number => {
    const guess = localMs - offset(localMs);
    const exact = localMs - offset(guess);
    return offset(exact) === offset(guess) ? exact : Math.max(guess, exact);
  };
  const floor: Calendar['floor'] = (ms, every) => {
    const local = ms + offset(ms);
    const step = STEP[every];
    if (step !== undefined) return Math.floor(local / step) * step - offset(ms);
    if (every === '6h') return fromLocal(Math.floor(local / (DAY / 4)) * (DAY / 4));
    const day = Math.floor(local / DAY);
    if (every === '1d') return fromLocal(day * DAY);
    // Day 0 was a Thursday.
    if (every === '7d') return fromLocal((day - ((((day + 3) % 7) + 7) % 7)) * DAY);
    const date = new Date(local);
    return fromLocal(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));
  };
  return { floor, fromLocal, offset };
};

const offsetsOf = (zone: string): ((ms: number) => number) => {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    });
  } catch {
    throw badRequest(`tz: Expected an IANA time zone such as Europe/Berlin, got '${zone.slice(0, 64)}'`);
  }
  // Offsets change on quarters of an hour at most.
  const cache = new Map<number, number>();
  return (ms) => {
    const quarter = Math.floor(ms / (15 * MINUTE)) * 15 * MINUTE;
    let known = cache.get(quarter);
    if (known === undefined) {
      const part = Object.fromEntries(format.formatToParts(quarter).map(({ type, value }) => [type, Number(value)])) as Record<
        'year' | 'month' | 'day' | 'hour' | 'minute' | 'second',
        number
      >;
      const local = new Date(0);
      local.setUTCFullYear(part.year, part.month - 1, part.day);
      local.setUTCHours(part.hour, part.minute, part.second);
      known = local.getTime() - quarter;
      cache.set(quarter, known);
    }
    return known;
  };
};
