import type { MetricDefinition } from '../definition/definition.ts';
import { WINDOW_MS } from '../definition/windows.ts';
import type { NamedMeasure } from '../fold/metric.ts';
import type { Json } from '../measures/measure.ts';
import { measureKind } from '../measures/registry.ts';
import type { Allowance } from '../request/allowance.ts';
import { type Caveats, caveatsOf } from './caveats.ts';
import { figures, type Values } from './figures.ts';
import { filled, partsIn } from './fill.ts';
import { type Gathered, type Group, gathering, nameOfGroup, type StatedGroup } from './gather.ts';
import { wholeRange } from './panes.ts';
import type { Plan, Range } from './plan.ts';
import { chosen, type Row, rowsOf } from './rows.ts';
import { seriesOf } from './series.ts';
import { onlyTop, topKeys } from './top-groups.ts';
import { MAX_ROWS, tooManyRows, type Window } from './windows.ts';

/** One question in work: what has to be gathered for it, and what it answers once that is done. */
export interface Work {
  readonly gathers: readonly Gathered[];
  readonly finish: (known: Known) => Finished;
}
/** What is known of the layers once everything is gathered. */
export interface Known {
  readonly speedThroughMs: number | null;
  readonly horizonMs: number;
  /** The time of the metric's first event; null if there is none. */
  readonly firstMs: number | null;
}
export interface Finished {
  readonly rows: readonly Row[];
  readonly totals: Values | null;
  readonly caveats: Caveats;
  readonly windows: { readonly batch: number; readonly speed: number };
  readonly overflow: { readonly events: number; readonly incomplete: readonly string[] } | null;
  /** Live events that came after their window's batch, by more than the window; null unless parts are asked for. */
  readonly late: number | null;
  /** Relative standard error of each measure that is estimated. */
  readonly estimates: Readonly<Record<string, number>>;
}

/**
 * The stages of an answer: gather by window and group, roll, keep the top groups, fill, choose and order, write rows.
 * @throws {Problem} 400 before anything is read, if it would go through too many windows.
 */
export const workOf = (plan: Plan, definition: MetricDefinition, allowed: Allowance): Work => {
  const baseMs = WINDOW_MS[definition.window];
  const values = figures(definition, plan);
  const { measures } = values;
  const whole = (by: Plan['by'], reads: Plan['reads'], mayCut: boolean) =>
    gathering({ ...plan, splits: null }, by, plan.range, wholeRange(plan.range), measures, reads, mayCut, allowed);

  const main = seriesOf(plan, plan.range, measures, baseMs, allowed);
  const compared = plan.compare === null ? null : seriesOf(plan, plan.compare, measures, baseMs, allowed);
  // A single window has the groups of the whole range.
  const isOneWindow = plan.every === 'all' && plan.over === null;
  const ranking = plan.top === null ? null : isOneWindow ? main.gathered : whole(plan.by, plan.reads, true);
  const totals = plan.totals ? whole([], plan.reads, false) : null;
  const parts = partsIn(plan, plan.fill === null ? [] : main.windows, baseMs);

  const finish: Work['finish'] = ({ speedThroughMs, horizonMs, firstMs }) => {
    const keys = ranking === null ? null : topKeys(ranking.groups(), plan, [...plan.figures, ...plan.unseen], values);
    const kept = (groups: readonly StatedGroup[]) => (keys === null ? groups : onlyTop(groups, keys, plan, measures));
    const groups = kept(main.groups());
    const before = compared === null ? [] : kept(compared.groups());
    const all = withEmpty(groups, keys === null ? null : [...keys.values()].map(({ key }) => key));
    const rows = rowsOf(
      chosen(all, plan, values, allowed.check),
      plan,
      values,
      {
        previousOf:
          compared === null
            ? null
            : placing(main.windows, compared.windows, before, plan.splits === null ? Number.NEGATIVE_INFINITY : (firstMs ?? Number.POSITIVE_INFINITY)),
        incompleteFromMs: incompleteFrom(plan, speedThroughMs),
      },
      allowed.check,
    );
    const total = totals?.groups() ?? [];
    const shown = plan.numbers === 'text' ? values.texts : values.numbers;
    const answered = [...groups, ...before, ...total];
    return {
      rows,
      totals: totals === null ? null : shown(plan.figures, total[0]?.states ?? null),
      caveats: caveatsOf(answered, measures),
      windows: main.gathered.windows(),
      overflow: main.gathered.overflow(),
      // A stored window that ends at the horizon begins a window before it.
      late: plan.splits === null ? null : main.gathered.liveBefore(horizonMs - baseMs + 1),
      estimates: estimatesOf(plan, definition, answered, measures),
    };
  };
  /** With a row for each empty window, if that is wanted; a total always has its row. */
  const withEmpty = (groups: readonly Group[], keys: readonly (readonly Json[])[] | null): readonly Group[] => {
    if (plan.fill !== null) {
      let rows = 0;
      return filled(groups, main.windows, plan.by, parts, keys, (n) => {
        rows += n;
        if (plan.limit === null && rows > MAX_ROWS) throw tooManyRows();
        allowed.take('groups', n);
      });
    }
    const isTotal = plan.every === 'all' && plan.by.length === 0;
    return isTotal && groups.length === 0 ? [{ atMs: plan.range.fromMs, key: [], isOther: false, events: 0, states: null }] : groups;
  };
  return { gathers: [...new Set([main.gathered, compared?.gathered, ranking, totals])].flatMap((one) => one ?? []), finish };
};

/** The group at the same place of another range; null if that has no such window, or one that ends before anything is known. */
const placing = (windows: readonly Window[], others: readonly Window[], groups: readonly Group[], knownFromMs: number): ((group: Group) => Group | null) => {
  const placeOf = new Map(windows.map(({ startMs }, i) => [startMs, i]));
  const known = new Map(groups.map((group) => [nameOfGroup(group), group]));
  return (group) => {
    const other = others[placeOf.get(group.atMs) ?? -1];
    if (other === undefined || other.endMs <= knownFromMs) return null;
    const there: Group = { ...group, atMs: other.startMs, events: 0, states: null };
    return known.get(nameOfGroup(there)) ?? there;
  };
};

/** The first window for which events may still be on their way, the one that the speed layer's watermark is in; null for `every=all`, where the end of the range shows it. */
const incompleteFrom = (
  { every, calendar, range }: { readonly range: Range } & Pick<Plan, 'every' | 'calendar'>,
  speedThroughMs: number | null,
): number | null => {
  if (every === 'all' || speedThroughMs === null || range.toMs <= speedThroughMs) return null;
  return speedThroughMs < range.fromMs ? Number.NEGATIVE_INFINITY : calendar.floor(speedThroughMs, every);
};

/** Of a measure that gives both, only if some of these groups have an estimate. */
const estimatesOf = (
  { figures: asked, reads }: Plan,
  { measures }: MetricDefinition,
  groups: readonly Group[],
  read: readonly NamedMeasure[],
): Record<string, number> =>
  Object.fromEntries(
    asked.flatMap((figure) => {
      if (figure.kind === 'formula') return [];
      const { standardError } = measureKind(measures[figure.index]?.measure ?? '');
      const i = reads.indexOf(figure.index);
      const isEstimate = read[i]?.measure.isEstimate;
      const isExact = isEstimate !== undefined && groups.every(({ states }) => states === null || !isEstimate(states[i]));
      return standardError === undefined || isExact ? [] : [[figure.name, standardError]];
    }),
  );
