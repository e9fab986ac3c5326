import type { BaseWindow } from '../definition/definition.ts';
import { MAX_MS } from '../definition/times.ts';
import { WINDOW_MS } from '../definition/windows.ts';
import type { Calendar } from '../request/calendar.ts';
import { earlier } from '../request/earlier.ts';
import { oneOf, type Parameters, single } from '../request/parameters.ts';
import { badRequest } from '../request/problem.ts';
import { DAY, EVERY, type Every, isMultiple, isStep, type Step, WEEKS } from '../request/steps.ts';
import { isRounded, timeOf } from '../request/time-parameter.ts';
import { calendar } from '../request/zone-calendar.ts';
import type { Plan, Range } from './plan.ts';

type Ranged = Pick<Plan, 'range' | 'rounded' | 'every' | 'calendar' | 'compare' | 'over'>;

/** The parameters of time: from, to, every, tz, week, compare and over. @throws {Problem} 400 */
export const parseRange = (parameters: Parameters, window: BaseWindow, nowMs: number): Ranged => {
  const zone = calendar(single(parameters, 'tz') ?? 'UTC', oneOf('week', single(parameters, 'week') ?? 'monday', WEEKS));
  const texts: Texts = { from: single(parameters, 'from') ?? '-24h', to: single(parameters, 'to') ?? 'now' };
  const { asked, range } = rangeOf(texts, zone, window, nowMs);
  const every = everyOf('every', single(parameters, 'every') ?? 'all', window);
  const demandWhole = wholeWindows(zone, window);
  for (const ms of [Math.min(range.toMs, nowMs), range.fromMs]) if (zone.offset(ms) % WINDOW_MS[window] !== 0) demandWhole(ms, window);
  demandCuts(texts, asked, window);
  const floor: Calendar['floor'] = (ms, size) => {
    demandWhole(ms, size);
    return zone.floor(ms, size);
  };
  const compare = single(parameters, 'compare');
  const over = single(parameters, 'over');
  return {
    range,
    rounded: asked.fromMs === range.fromMs && (asked.toMs === range.toMs || asked.toMs > MAX_MS - WINDOW_MS[window]) ? null : asked,
    every,
    calendar: { ...zone, floor },
    compare: compare === undefined ? null : compareOf(compare, range, zone, window, nowMs),
    over: over === undefined ? null : everyOf('over', over, window),
  };
};

interface Texts {
  readonly from: string;
  readonly to: string;
}

/** The range as it was asked for, and rounded outwards to stored windows. */
const rangeOf = ({ from, to }: Texts, zone: Calendar, window: BaseWindow, nowMs: number): { readonly asked: Range; readonly range: Range } => {
  const base = WINDOW_MS[window];
  const asked = { fromMs: timeOf('from', from, zone, nowMs), toMs: timeOf('to', to, zone, nowMs) };
  const fromMs = Math.floor(asked.fromMs / base) * base;
  // The year 10000 would not sort as text.
  const toMs = Math.min(Math.ceil(asked.toMs / base), Math.floor(MAX_MS / base)) * base;
  if (fromMs > toMs) throw badRequest(`Expected from before to, got ${new Date(fromMs).toISOString()} and ${new Date(toMs).toISOString()}`);
  return { asked, range: { fromMs, toMs } };
};

/** A stored window across two windows of the answer would belong to neither. Offsets change, so each window is checked. */
const wholeWindows =
  (zone: Calendar, window: BaseWindow) =>
  (ms: number, size: Step): void => {
    const base = WINDOW_MS[window];
    const startMs = Math.floor(ms / base) * base;
    if (zone.offset(startMs) % base !== 0 || !zone.isOneWindow(startMs, startMs + base, size))
      throw badRequest(`tz: Expected a zone whose offset is a multiple of ${window}, this metric's window, at ${new Date(ms).toISOString()}`);
  };

/** A range may not split a stored window, so that the answer covers exactly what was requested. Relative times and epoch numbers are rounded. */
const demandCuts = (texts: Texts, { fromMs, toMs }: Range, window: BaseWindow): void => {
  demandCut('from', texts.from, fromMs, window);
  demandCut('to', texts.to, toMs, window);
};
const demandCut = (what: string, text: string, ms: number, window: BaseWindow): void => {
  const base = WINDOW_MS[window];
  if (isRounded(text) || ms % base === 0 || ms >= MAX_MS - base) return;
  const [below, above] = [Math.floor(ms / base) * base, Math.ceil(ms / base) * base].map((near) => new Date(near).toISOString());
  throw badRequest(`${what}: Expected a multiple of ${window}, this metric's window, such as ${below} or ${above}, got '${text.slice(0, 64)}'`);
};

const everyOf = (what: string, text: string, window: BaseWindow): Every => {
  if (text === 'all') return text;
  const usual = EVERY.slice(EVERY.indexOf(window)).join(', ');
  if (!isStep(text)) throw badRequest(`${what}: Expected one of ${usual}, or another number of m, h, d, w, mo, q or y, got '${text.slice(0, 64)}'`);
  if (!isMultiple(text, WINDOW_MS[window])) throw badRequest(`${what}: Expected ${usual}, since this metric's window is ${window}; got ${text}`);
  return text;
};

/** The range to compare with: as long a one just before, the same a year earlier, or one that is given. */
const compareOf = (text: string, range: Range, zone: Calendar, window: BaseWindow, nowMs: number): Range => {
  const base = WINDOW_MS[window];
  if (text === 'previous' || text === 'year') {
    const [fromMs, toMs] = text === 'previous' ? [previousStart(range, zone), range.fromMs] : yearBefore(range, zone);
    if (fromMs % base !== 0 || toMs % base !== 0)
      throw badRequest(
        `compare: Expected a range that begins and ends with a stored window, got one from ${new Date(fromMs).toISOString()}: give it as FROM..TO`,
      );
    return { fromMs, toMs };
  }
  const [from = '', to = '', ...more] = text.split('..');
  if (from === '' || to === '' || more.length > 0)
    throw badRequest(`compare: Expected previous, year, or a range such as 2015-09-05..2015-09-12, got '${text.slice(0, 64)}'`);
  const { asked, range: given } = rangeOf({ from, to }, zone, window, nowMs);
  demandCuts({ from, to }, asked, window);
  return given;
};

/** By whole months if the range is made of those, by whole days if of those, else by its length. */
const previousStart = ({ fromMs, toMs }: Range, zone: Calendar): number => {
  const isStart = (step: Step) => [fromMs, toMs].every((ms) => zone.floor(ms, step) === ms);
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms + zone.offset(ms))) as [Date, Date];
  if (toMs > fromMs && isStart('1mo'))
    return earlier(zone, fromMs, { months: 12 * (to.getUTCFullYear() - from.getUTCFullYear()) + to.getUTCMonth() - from.getUTCMonth() });
  if (isStart('1d')) return earlier(zone, fromMs, { days: Math.round((to.getTime() - from.getTime()) / DAY) });
  return fromMs - (toMs - fromMs);
};
const yearBefore = ({ fromMs, toMs }: Range, zone: Calendar): [number, number] => [earlier(zone, fromMs, { months: 12 }), earlier(zone, toMs, { months: 12 })];
