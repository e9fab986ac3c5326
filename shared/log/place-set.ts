import { PLACES } from './unit.ts';

/** A set of places of a unit, as bits. */
export const placeSet = (): Uint32Array => new Uint32Array(PLACES / 32);
export const isSet = (places: Uint32Array, at: number): boolean => (((places[at >>> 5] as number) >>> (at & 31)) & 1) === 1;
/** Calls with each run of places, in order: from ≤ place < to. */
export const eachRun = (places: Uint32Array, visit: (from: number, to: number) => void): void => {
  for (let at = 0; at < PLACES; ) {
    if (places[at >>> 5] === 0) {
      at = (at | 31) + 1;
      continue;
    }
    if (!isSet(places, at)) {
      at++;
      continue;
    }
    const from = at;
    while (at < PLACES && isSet(places, at)) at++;
    visit(from, at);
  }
};
/** Adds the places from ≤ place < to. */
export const setPlaces = (places: Uint32Array, from: number, to: number): void => {
  for (let at = from; at < to; at++) places[at >>> 5] = (places[at >>> 5] as number) | (1 << (at & 31));
};
