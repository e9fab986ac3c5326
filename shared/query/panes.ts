import type { Plan, Range } from './plan.ts';
import type { RollingWindow } from './windows.ts';

/** How a range is cut: what is merged while it is read. */
export interface Panes {
  /** The start of the pane that a stored window falls in. */
  readonly of: (startMs: number) => number;
  /** Whether all times from ≤ t < to fall in one pane. */
  readonly isOne: (fromMs: number, toMs: number) => boolean;
  /** The window of the answer that a stored window of a pane falls in; null if only rolling windows reach back to it. */
  readonly window: (startMs: number, paneMs: number) => number | null;
}
const samePane = (_: number, paneMs: number): number => paneMs;

/** One pane for a whole range. */
export const wholeRange = ({ fromMs }: Range): Panes => ({ of: () => fromMs, isOne: () => true, window: samePane });

/** A pane for each window of the answer. */
export const byWindow = ({ every, calendar }: Pick<Plan, 'every' | 'calendar'>, range: Range): Panes =>
  every === 'all'
    ? wholeRange(range)
    : { of: (startMs) => calendar.floor(startMs, every), isOne: (fromMs, toMs) => calendar.isOneWindow(fromMs, toMs, every), window: samePane };

/** Panes that begin wherever a rolling window begins or ends, so that each of them is a run of whole panes. */
export const forRolling = (windows: readonly RollingWindow[], shownFromMs: number): Panes => {
  const starts = [...new Set(windows.flatMap(({ reachMs, endMs }) => [reachMs, endMs]))].sort((a, b) => a - b);
  const borders = [shownFromMs, ...windows.map(({ endMs }) => endMs)];
  return {
    of: (startMs) => starts[lastUpTo(starts, startMs)] ?? startMs,
    isOne: (fromMs, toMs) => lastUpTo(starts, fromMs) === lastUpTo(starts, toMs - 1),
    window: (startMs) => (startMs < shownFromMs ? null : lastUpTo(borders, startMs)),
  };
};

/** The index of the last of ascending times that is not after another; 0 if there is none. */
const lastUpTo = (times: readonly number[], ms: number): number => {
  let [low, high] = [0, times.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= ms) low = middle;
    else high = middle;
  }
  return low;
};
