import { stepEarlier } from '../request/earlier.ts';
import { Problem } from '../request/problem.ts';
import { DAY, HOUR, type Step, stepOf } from '../request/steps.ts';
import type { Plan, Range } from './plan.ts';

/** Rows of one answer, and windows that one question may go through. */
export const MAX_ROWS = 100_000;
export const tooManyRows = (): Problem =>
  new Problem(400, 'too-many-rows', 'The answer is too long', `Expected at most ${MAX_ROWS} rows, got more. Ask for fewer windows or groups, or give a limit.`);

/**
 * A window of an answer: its start, by which it is named, and what of it is in the range. Where the clock is set back over a
 * border, some of the next window lies between two parts of it.
 */
export interface Window {
  readonly startMs: number;
  readonly fromMs: number;
  readonly endMs: number;
}

/**
 * All windows of a range, empty ones too.
 * @param baseMs the length of the metric's stored windows, which no window splits.
 * @throws {Problem} 400 before anything is read, if there are too many.
 */
export const windowsOf = ({ every, calendar }: Pick<Plan, 'every' | 'calendar'>, { fromMs, toMs }: Range, baseMs: number): readonly Window[] => {
  if (every === 'all') return [{ startMs: fromMs, fromMs, endMs: toMs }];
  if ((toMs - fromMs) / longest(every) > MAX_ROWS) throw tooManyRows();
  const windows: Window[] = [];
  for (let ms = fromMs; ms < toMs; ) {
    if (windows.length >= MAX_ROWS) throw tooManyRows();
    const endMs = Math.min(toMs, nextStart(calendar, ms, toMs, every, baseMs));
    const startMs = calendar.floor(ms, every);
    const known = startMs > (windows.at(-1)?.startMs ?? Number.NEGATIVE_INFINITY) ? -1 : windows.findLastIndex((window) => window.startMs === startMs);
    if (known < 0) windows.push({ startMs, fromMs: ms, endMs });
    else windows[known] = { ...(windows[known] as Window), endMs };
    ms = endMs;
  }
  return windows;
};

/** An upper bound of a window's length: a month has at most 31 days; where the clock is set, parts of a day are up to 3 hours longer, days up to a day. */
const longest = (every: Step): number => {
  const step = stepOf(every);
  if (step.kind === 'clock') return step.ms;
  if (step.kind === 'hours') return (step.hours + 3) * HOUR;
  return (step.kind === 'days' ? step.days + 1 : step.months * 31 + 1) * DAY;
};

/**
 * The start of the window after that of a time. Half an hour or half a day past its longest usual length is in the next window;
 * where the clock is set in between, it is searched for.
 */
const nextStart = ({ floor, isOneWindow }: Plan['calendar'], ms: number, toMs: number, every: Step, baseMs: number): number => {
  const startMs = floor(ms, every);
  const step = stepOf(every);
  const guess = floor(startMs + (step.kind === 'clock' ? step.ms : longest(every) - (step.kind === 'hours' ? 2.5 * HOUR : DAY / 2)), every);
  if (guess > ms && isOneWindow(ms, guess, every)) return guess;
  // Windows are made of whole stored ones: some count of those is the first that does not fit.
  let [fits, tooLong] = [1, Math.ceil((Math.min(toMs, ms + 2 * longest(every)) - ms) / baseMs) + 1];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (isOneWindow(ms, ms + middle * baseMs, every)) fits = middle;
    else tooLong = middle;
  }
  return ms + fits * baseMs;
};

/** A window whose row merges everything from `reachMs` on up to its end. */
export interface RollingWindow extends Window {
  readonly reachMs: number;
}
export const rollingWindows = (windows: readonly Window[], over: Step | 'all', calendar: Plan['calendar'], firstMs: number): readonly RollingWindow[] =>
  windows.map((window) => ({ ...window, reachMs: over === 'all' ? firstMs : Math.max(firstMs, stepEarlier(calendar, window.endMs, over)) }));
