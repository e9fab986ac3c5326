import { compareScalars } from '../measures/extreme.ts';
import type { Json } from '../measures/measure.ts';
import { type Values, valueAt } from './figures.ts';
import type { Group } from './gather.ts';
import type { Order, Place } from './plan.ts';

/** A group with the values that it is ordered and chosen by. */
export interface Candidate {
  readonly group: Group;
  readonly values: Values;
}

/** Compares by a list of names, then by window and group; the rest of a `top` comes after groups that are equal to it. */
export const comparing = (order: readonly Order[], by: readonly Place[]): ((a: Candidate, b: Candidate) => number) => {
  const keys = [...order, { name: 'window', descending: false }, ...by.map(({ name }) => ({ name, descending: false }))];
  const places = new Map(by.map(({ name }, i) => [name as string, i]));
  const valueIn = ({ group, values }: Candidate, name: string): Json => {
    if (name === 'window') return group.atMs;
    const place = places.get(name);
    return place === undefined ? valueAt(values, name) : (group.key[place] ?? null);
  };
  return (a, b) => {
    for (const { name, descending } of keys) {
      const difference = compare(valueIn(a, name), valueIn(b, name), descending);
      if (difference !== 0) return difference;
    }
    return Number(a.group.isOther) - Number(b.group.isOther);
  };
};

/** Null comes last in both directions. */
const compare = (a: Json, b: Json, descending: boolean): number => {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = compareScalars(a as string, b as string);
  return descending ? -order : order;
};
