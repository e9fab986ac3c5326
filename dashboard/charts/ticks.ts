import { DAY_MS, floorTo, isStep, nextAfter, type Step, stepName } from '../time/steps.ts';
import { clock, month, shortDay } from '../words/times.ts';

const TICKS: readonly Step[] = ['1m', '5m', '15m', '30m', '1h', '3h', '6h', '12h', '1d', '1w', '1mo', '1q', '1y'];

/** Times of an axis: whole steps of the zone's clock, so few that each has its room. */
export const timeTicks = (from: number, to: number, zone: string, room: number): readonly number[] => {
  for (const step of TICKS) {
    const ticks: number[] = [];
    for (let at = floorTo(from, step, zone); at <= to && ticks.length <= room; at = nextAfter(at, step, zone)) if (at >= from) ticks.push(at);
    if (ticks.length <= room) return ticks;
  }
  return [from];
};

/** A clock, the day where it changes, or the month of a long range. */
export const tickName = (at: number, { from, to, zone }: { readonly from: number; readonly to: number; readonly zone: string }): string => {
  const time = clock(at, zone);
  if (to - from > 400 * DAY_MS) return month(at, zone);
  if (time !== '00:00') return time;
  return at >= to && to - from <= 2 * DAY_MS ? '24:00' : shortDay(at, zone);
};

/** What a chart's windows are, in words. */
export const byStep = (every: string): string => (isStep(every) ? `by ${stepName(every)}` : `by ${every}`);
