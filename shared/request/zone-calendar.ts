import * as PlainDate from 'temporal-polyfill/fns/PlainDate';
import * as PlainDateTime from 'temporal-polyfill/fns/PlainDateTime';
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime';
import { isZone } from '../definition/zones.ts';
import { type Calendar, UTC, utc } from './calendar.ts';
import { offsetsOf } from './offsets.ts';
import { badRequest } from './problem.ts';
import { DAY, firstDay, HOUR, stepOf, type Week } from './steps.ts';

/**
 * The calendar of a time zone, by the rules of Temporal (tc39.es/proposal-temporal).
 * @throws {Problem} 400 if there is no such zone.
 */
export const calendar = (zone: string, week: Week): Calendar => {
  if (!isZone(zone)) throw badRequest(`tz: Expected an IANA time zone such as Europe/Berlin, got '${zone.slice(0, 64)}'`);
  if (zone === 'UTC') return utc(week);
  const offsetAt = offsetsOf(zone);
  /** The first moment of each hour of a local day, counted from 1970. */
  const startOf = memoized((hours: number): number => {
    const date = PlainDate.addDays(EPOCH, Math.floor(hours / 24));
    const hour = hours - 24 * Math.floor(hours / 24);
    return hour === 0 ? PlainDate.toZonedDateTime(date, zone).epochMilliseconds : startOfHour(date, hour, zone);
  });
  const floor: Calendar['floor'] = (ms, every) => {
    const offset = offsetAt(ms);
    const local = ms + offset.ms;
    const step = stepOf(every);
    if (step.kind === 'clock') return Math.max(offset.fromMs, Math.floor(local / step.ms) * step.ms - offset.ms);
    if (step.kind === 'hours') return startOf(Math.floor(local / (step.hours * HOUR)) * step.hours);
    return startOf(24 * firstDay(Math.floor(local / DAY), step, week));
  };
  return {
    floor,
    isOneWindow: (fromMs, toMs, every) => {
      const startMs = floor(fromMs, every);
      // Within one offset windows are consecutive, so its ends decide.
      for (let atMs = fromMs; atMs < toMs; ) {
        const endMs = Math.min(toMs, offsetAt(atMs).toMs);
        if (floor(atMs, every) !== startMs || floor(endMs - 1, every) !== startMs) return false;
        atMs = endMs;
      }
      return true;
    },
    fromLocal: (local) => {
      const [year = 1, month = 1, day = 1, ...time] = (local.match(/\d+/g) ?? []).map(Number);
      if (!local.includes('T')) return PlainDate.toZonedDateTime(PlainDate.create(year, month, day), zone).epochMilliseconds;
      const [hour = 0, minute = 0, second = 0] = time;
      const millisecond = UTC.fromLocal(local) % 1_000;
      return PlainDateTime.toZonedDateTime(PlainDateTime.create(year, month, day, hour, minute, second, (millisecond + 1_000) % 1_000), zone).epochMilliseconds;
    },
    offset: (ms) => offsetAt(ms).ms,
  };
};

const EPOCH = PlainDate.create(1970, 1, 1);

/** The first moment of a date at which the wall clock shows this hour or later. */
const startOfHour = (date: PlainDate.Record, hour: number, zone: string): number => {
  const at = PlainDateTime.toZonedDateTime(PlainDateTime.addHours(PlainDate.toPlainDateTime(date), hour), zone);
  if (at.hour === hour && at.minute === 0 && at.second === 0) return at.epochMilliseconds;
  // The clock is set forward past the hour: the part of the day begins then, which may be this very time.
  return ZonedDateTime.getTimeZoneTransition(ZonedDateTime.addMilliseconds(at, 1), 'previous')?.epochMilliseconds ?? at.epochMilliseconds;
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
