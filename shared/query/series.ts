import { MIN_MS } from '../definition/times.ts';
import type { NamedMeasure } from '../fold/metric.ts';
import type { Allowance } from '../request/allowance.ts';
import { badRequest } from '../request/problem.ts';
import { type Gathered, gathering, type StatedGroup } from './gather.ts';
import { byWindow, forRolling } from './panes.ts';
import type { Plan, Range } from './plan.ts';
import { rolled } from './rolling.ts';
import { MAX_ROWS, rollingWindows, tooManyRows, type Window, windowsOf } from './windows.ts';

/** The groups of a range by window: of the range that was asked for, or of the one that it is compared with. */
export interface Series {
  readonly gathered: Gathered;
  /** All of its windows, if the answer needs the empty ones or their order. */
  readonly windows: readonly Window[];
  /** Once everything has been gathered. */
  readonly groups: () => readonly StatedGroup[];
}

/** Whether groups may be dropped after they were merged. */
export const mayCut = ({ limit, top, having }: Pick<Plan, 'limit' | 'top' | 'having'>): boolean => limit !== null || top !== null || having.length > 0;

/** @throws {Problem} 400 before anything is read, if it has too many windows, or if one begins within a stored window. */
export const seriesOf = (plan: Plan, range: Range, measures: readonly NamedMeasure[], baseMs: number, allowed: Allowance): Series => {
  const { fill, compare, over, every, calendar } = plan;
  const windows = fill === null && compare === null && over === null ? [] : windowsOf(plan, range, baseMs);
  const gather = (of: Range, panes: Gathered['panes'], cut: boolean) => gathering(plan, plan.by, of, panes, measures, plan.reads, cut, allowed);
  if (over === null) {
    const gathered = gather(range, byWindow({ every, calendar }, range), mayCut(plan));
    return { gathered, windows, groups: gathered.groups };
  }
  const rolling = rollingWindows(windows, over, calendar, MIN_MS);
  for (const { reachMs } of rolling)
    if (reachMs % baseMs !== 0)
      throw badRequest(`over: Expected a length that begins with a stored window, got ${over}, which begins at ${new Date(reachMs).toISOString()}`);
  const reach = { fromMs: rolling[0]?.reachMs ?? range.fromMs, toMs: range.toMs };
  const gathered = gather(reach, forRolling(rolling, range.fromMs), true);
  let rows = 0;
  const took = () => {
    allowed.take('groups', 1);
    if (!mayCut(plan) && ++rows > MAX_ROWS) throw tooManyRows();
  };
  return { gathered, windows, groups: () => rolled(gathered.groups(), rolling, measures, took) };
};
