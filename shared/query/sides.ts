import type { NamedMeasure } from '../fold/metric.ts';

/** What each layer added to a group: how many events, and the states of the measures that add up, at their places. */
export type Side = 'batch' | 'speed';
export type Sides = Record<Side, SideOf | null>;
interface SideOf {
  events: number;
  readonly states: unknown[];
}

/** Adds to one side. @param places of the measures that add up. */
export const addTo = (
  sides: Sides,
  side: Side,
  events: number,
  stateAt: (place: number) => unknown,
  measures: readonly NamedMeasure[],
  places: readonly number[],
): void => {
  const own = (sides[side] ??= { events: 0, states: measures.map(({ measure }) => measure.zero()) });
  own.events += events;
  for (const at of places) own.states[at] = measures[at]?.measure.merge(own.states[at], stateAt(at));
};

/** Which layers a row is from; null if nothing came. */
export const partOf = (sides: Sides | undefined): 'batch' | 'both' | 'live' | null => {
  const [batch, live] = [(sides?.batch?.events ?? 0) > 0, (sides?.speed?.events ?? 0) > 0];
  return batch && live ? 'both' : batch ? 'batch' : live ? 'live' : null;
};
