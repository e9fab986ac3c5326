import type { NamedMeasure } from '../fold/metric.ts';
import type { Json } from '../measures/measure.ts';
import type { Allowance } from '../request/allowance.ts';
import type { Panes } from './panes.ts';
import { partAt, stepOfPart } from './parts.ts';
import { type Place, type Plan, partsOf, type Range } from './plan.ts';
import { addTo, type Side, type Sides } from './sides.ts';
import { MAX_ROWS, tooManyRows } from './windows.ts';

/** The merged states of one group in one pane. */
export interface Group {
  /** The start of its pane; of its window once panes are merged. */
  readonly atMs: number;
  /** In the order of `by`. */
  readonly key: readonly Json[];
  /** Whether it is the rest, besides the groups of a `top`. */
  readonly isOther: boolean;
  events: number;
  /** Null for a row without events. */
  readonly states: unknown[] | null;
  /** What each layer added, if that was asked for. */
  readonly sides?: Sides;
}
export type StatedGroup = Group & { readonly states: unknown[] };
export const nameOfKey = (key: readonly Json[]): string => JSON.stringify(key);
export const nameOfGroup = ({ atMs, key, isOther }: Pick<Group, 'atMs' | 'key' | 'isOther'>): string => `${atMs} ${isOther} ${nameOfKey(key)}`;

export interface Gathered {
  readonly range: Range;
  readonly panes: Panes;
  /** Indexes of the measures that it takes, in the order of states. */
  readonly reads: readonly number[];
  /** `states` is called only if the group's key passes the filters. */
  readonly add: (side: Side, startMs: number, key: readonly Json[], events: number, states: () => readonly Json[]) => void;
  /** The overflow group of a full cell: part of totals, and of nothing else. */
  readonly addOverflow: (startMs: number, events: number, states: readonly Json[], shed: readonly string[]) => void;
  readonly groups: () => readonly StatedGroup[];
  /** Windows that each side has a part of. */
  readonly windows: () => Readonly<Record<Side, number>>;
  readonly overflow: () => { readonly events: number; readonly incomplete: readonly string[] } | null;
  /** Live events of stored windows that begin before a time. */
  readonly liveBefore: (ms: number) => number;
}

/**
 * Merges stored states of both layers by pane and group, with the measures' own merge.
 * @param mayCut whether groups may be dropped later, so that there may be more of them than rows.
 */
export const gathering = (
  { calendar, filters, splits }: Pick<Plan, 'calendar' | 'filters' | 'splits'>,
  by: readonly Place[],
  range: Range,
  panes: Panes,
  measures: readonly NamedMeasure[],
  reads: readonly number[],
  mayCut: boolean,
  { take }: Allowance,
): Gathered => {
  const groups = new Map<string, StatedGroup>();
  const seen: Readonly<Record<Side, Set<number>>> = { batch: new Set(), speed: new Set() };
  const live = new Map<number, number>();
  const overflowing = { events: 0, incomplete: new Set<string>() };
  const parts = partsOf(by);
  const isTotal = parts.length === by.length && filters.length === 0;
  const keyOf = (startMs: number, stored: readonly Json[]): Json[] =>
    by.map((place) => {
      if (place.kind === 'dimension') return stored[place.index] ?? null;
      // Refuses a zone that splits stored windows.
      calendar.floor(startMs, stepOfPart(place.name));
      return partAt(place.name, startMs, calendar);
    });

  const into = (side: Side, startMs: number, stored: readonly Json[], events: number, states: readonly Json[]): void => {
    const atMs = panes.of(startMs);
    const window = panes.window(startMs, atMs);
    if (window !== null) seen[side].add(window);
    const key = keyOf(startMs, stored);
    const name = `${atMs} ${nameOfKey(key)}`;
    const decoded = states.map((state, i) => (measures[i] as NamedMeasure).measure.decode(state));
    if (side === 'speed' && splits !== null) live.set(startMs, (live.get(startMs) ?? 0) + events);
    const split = (sides: Sides | undefined) => {
      if (sides !== undefined) addTo(sides, side, events, (i) => decoded[i], measures, splits ?? []);
    };
    const group = groups.get(name);
    split(group?.sides);
    if (group === undefined) {
      if (!mayCut && groups.size >= MAX_ROWS) throw tooManyRows();
      take('groups', 1);
      const sides = splits === null ? undefined : { batch: null, speed: null };
      split(sides);
      groups.set(name, { atMs, key, isOther: false, events, states: decoded, ...(sides === undefined ? {} : { sides }) });
      return;
    }
    group.events += events;
    for (const [i, state] of decoded.entries()) group.states[i] = (measures[i] as NamedMeasure).measure.merge(group.states[i], state);
  };

  return {
    range,
    reads,
    panes: {
      ...panes,
      isOne: (fromMs, toMs) => panes.isOne(fromMs, toMs) && parts.every((part) => calendar.isOneWindow(fromMs, toMs, stepOfPart(part))),
    },
    add: (side, startMs, key, events, states) => {
      if (filters.some(({ index, holds }) => !holds((key[index] ?? null) as string | null))) return;
      into(side, startMs, key, events, states());
    },
    addOverflow: (startMs, events, states, shed) => {
      overflowing.events += events;
      for (const name of shed) overflowing.incomplete.add(name);
      if (isTotal) into('speed', startMs, [], events, states);
    },
    groups: () => [...groups.values()],
    windows: () => ({ batch: seen.batch.size, speed: seen.speed.size }),
    overflow: () => (overflowing.events === 0 ? null : { events: overflowing.events, incomplete: [...overflowing.incomplete] }),
    liveBefore: (ms) => [...live].reduce((sum, [startMs, events]) => (startMs < ms ? sum + events : sum), 0),
  };
};
