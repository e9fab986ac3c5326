import type { NamedMeasure } from '../fold/metric.ts';
import type { Figures } from './figures.ts';
import { type Group, nameOfKey, type StatedGroup } from './gather.ts';
import { comparing } from './order.ts';
import type { Figure, Plan } from './plan.ts';
import { addTo } from './sides.ts';

/** The first groups of a whole range, by name: the same ones in each of its windows. */
export const topKeys = (
  groups: readonly Group[],
  { top, by }: Pick<Plan, 'top' | 'by'>,
  figures: readonly Figure[],
  { numbers }: Figures,
): ReadonlyMap<string, Group> => {
  const ranked = groups.map((group) => ({ group, values: numbers(figures, group.states) })).sort(comparing(top?.by ?? [], by));
  return new Map(ranked.slice(0, top?.groups).map(({ group }) => [nameOfKey(group.key), group]));
};

/** Keeps some groups, and merges the rest into one per window if that is wanted. */
export const onlyTop = (
  groups: readonly StatedGroup[],
  keys: ReadonlyMap<string, Group>,
  { top, splits }: Pick<Plan, 'top' | 'splits'>,
  measures: readonly NamedMeasure[],
): StatedGroup[] => {
  const kept: StatedGroup[] = [];
  const rest = new Map<number, StatedGroup>();
  for (const group of groups) {
    if (keys.has(nameOfKey(group.key))) kept.push(group);
    else if (top?.other) {
      const { atMs, key, events } = group;
      const merged = rest.get(atMs) ?? {
        ...{ atMs, key: key.map(() => null), isOther: true, events: 0, states: measures.map(({ measure }) => measure.zero()) },
        ...(splits === null ? {} : { sides: { batch: null, speed: null } }),
      };
      merged.events += events;
      for (const [i, { measure }] of measures.entries()) merged.states[i] = measure.merge(merged.states[i], group.states[i]);
      for (const side of ['batch', 'speed'] as const) {
        const own = group.sides?.[side];
        if (own != null && merged.sides !== undefined) addTo(merged.sides, side, own.events, (place) => own.states[place], measures, splits ?? []);
      }
      rest.set(atMs, merged);
    }
  }
  return [...kept, ...rest.values()];
};
