import type { Json } from '../measures/measure.ts';
import type { Figures } from './figures.ts';
import { valueAt } from './figures.ts';
import type { Group } from './gather.ts';
import { comparing } from './order.ts';
import type { Plan } from './plan.ts';
import { partOf, type Side } from './sides.ts';
import { MAX_ROWS, tooManyRows } from './windows.ts';

/** One row of an answer: its window, its dimensions, measures and formulas by name. */
export interface Row {
  readonly [name: string]: Json;
}

/** The rows that were asked for, in order: those whose values pass, from the offset on, up to the limit. */
export const chosen = (groups: readonly Group[], plan: Plan, { numbers }: Figures, check: () => void): readonly Group[] => {
  const { figures, unseen, having, order, by, offset, limit } = plan;
  const checkNow = everyNth(STEPS_A_CHECK, check);
  const wanted = new Set([...having, ...order].flatMap(({ name }) => [name, name.split('.')[0] as string]));
  const needed = [...figures, ...unseen].filter(({ name }) => wanted.has(name));
  const compare = comparing(order, by);
  const candidates = groups
    .map((group) => {
      checkNow();
      return { group, values: numbers(needed, group.states) };
    })
    .filter(({ values }) =>
      having.every(({ name, holds }) => {
        const value = valueAt(values, name);
        return typeof value === 'number' && holds(value);
      }),
    )
    .sort((a, b) => {
      checkNow();
      return compare(a, b);
    })
    .slice(offset, limit === null ? undefined : offset + limit);
  if (candidates.length > MAX_ROWS) throw tooManyRows();
  return candidates.map(({ group }) => group);
};

/** What rows have besides their own values. */
export interface Beside {
  /** The group at the same place of the range to compare with, null if that has no such window; null itself if no range was asked for. */
  readonly previousOf: ((group: Group) => Group | null) | null;
  /** The first window whose events may not all be there yet; null if there is none. */
  readonly incompleteFromMs: number | null;
}

export const rowsOf = (
  groups: readonly Group[],
  { by, figures, numbers, top, splits }: Plan,
  values: Figures,
  { previousOf, incompleteFromMs }: Beside,
  check: () => void,
): Row[] => {
  const checkNow = everyNth(STEPS_A_CHECK, check);
  const shown = numbers === 'text' ? values.texts : values.numbers;
  const partsOfRow = ({ sides }: Group, places: readonly number[]): Row => {
    const of = (side: Side) => values.parts(figures, places, sides?.[side]?.states ?? null, numbers === 'text');
    return { parts: { batch: of('batch'), live: of('speed') }, part: partOf(sides) };
  };
  return groups.map((group): Row => {
    checkNow();
    const before = previousOf?.(group) ?? null;
    return {
      window: new Date(group.atMs).toISOString(),
      ...Object.fromEntries(by.map(({ name }, i) => [name, group.key[i] ?? null])),
      ...shown(figures, group.states),
      ...(previousOf === null ? {} : { previous: before === null ? null : shown(figures, before.states) }),
      ...(splits === null ? {} : partsOfRow(group, splits)),
      ...(top?.other && group.isOther ? { other: true } : {}),
      ...(incompleteFromMs !== null && group.atMs >= incompleteFromMs ? { complete: false } : {}),
    };
  });
};

const STEPS_A_CHECK = 4_096;
const everyNth = (n: number, work: () => void): (() => void) => {
  let steps = 0;
  return () => {
    if (++steps % n === 0) work();
  };
};
