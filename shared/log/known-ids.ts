import { isSet, placeSet, setPlaces } from './place-set.ts';
import type { Unit } from './unit.ts';
import { type UnitTable, unitTable } from './unit-table.ts';

/** Which units were noted in which epochs: what a consumer holds in memory of one shard, to detect duplicates. */
export interface KnownIds {
  /** @param length how many places follow each other from that of `unit` on; 1 for a unit without places. */
  note(unit: Unit, length: number, epochMs: number): void;
  /** Whether it was noted in this epoch or a later one. */
  has(unit: Unit, sinceMs: number): boolean;
  /** Drops what was noted before an epoch, in parts of half a window. */
  forget(beforeMs: number): void;
  readonly bytes: number;
}

/** Some epochs, and what was noted in them. An epoch is named by its place in `epochs`, from 1 on: that fits a byte. */
interface Span {
  readonly startMs: number;
  readonly epochs: number[];
  newestMs: number;
  readonly own: UnitTable;
  /** Of a unit with places: one run of places and its epoch as one number; else where it is in `scattered`. */
  readonly placed: UnitTable;
  readonly scattered: Scattered[][];
  /** How many sets of places there are in all. */
  sets: number;
}
interface Scattered {
  readonly epoch: number;
  readonly places: Uint32Array;
}
const MAX_EPOCHS = 255;
/** A set of places, with the objects that hold it. */
const SCATTERED_BYTES = 250;

export const knownIds = (windowMs: number): KnownIds => {
  let spans: Span[] = [];
  const spanMs = Math.max(1, windowMs / 2);
  const spanFor = (epochMs: number): Span => {
    const startMs = Math.floor(epochMs / spanMs) * spanMs;
    const fitting = spans.find((span) => span.startMs === startMs && (span.epochs.length < MAX_EPOCHS || span.epochs.includes(epochMs)));
    if (fitting !== undefined) return fitting;
    const span = { startMs, epochs: [], newestMs: epochMs, own: unitTable(Uint8Array), placed: unitTable(Uint32Array), scattered: [], sets: 0 };
    spans.push(span);
    return span;
  };
  /** Where the epoch that was noted last is. */
  let last: { readonly epochMs: number; readonly span: Span; readonly epoch: number } | null = null;
  const placeOf = (epochMs: number) => {
    if (last?.epochMs === epochMs) return last;
    const span = spanFor(epochMs);
    const known = span.epochs.indexOf(epochMs);
    const epoch = known >= 0 ? known + 1 : span.epochs.push(epochMs);
    span.newestMs = Math.max(span.newestMs, epochMs);
    last = { epochMs, span, epoch };
    return last;
  };
  return {
    note: (unit, length, epochMs) => {
      const { span, epoch } = placeOf(epochMs);
      const { high, low, offset } = unit;
      if (offset >= 0) notePlaces(span, unit, length, epoch);
      else if ((span.epochs[span.own.get(high, low) - 1] ?? -1) < epochMs) span.own.set(high, low, epoch);
    },
    has: (unit, sinceMs) => spans.some((span) => span.newestMs >= sinceMs && isIn(span, unit, sinceMs)),
    forget: (beforeMs) => {
      if (spans.every(({ newestMs }) => newestMs >= beforeMs)) return;
      spans = spans.filter(({ newestMs }) => newestMs >= beforeMs);
      last = null;
    },
    get bytes() {
      return spans.reduce((sum, { own, placed, sets }) => sum + own.bytes + placed.bytes + SCATTERED_BYTES * sets, 0);
    },
  };
};

const isIn = (span: Span, { high, low, offset }: Unit, sinceMs: number): boolean => {
  const isSince = (epoch: number) => (span.epochs[epoch - 1] ?? Number.NEGATIVE_INFINITY) >= sinceMs;
  if (offset < 0) return isSince(span.own.get(high, low));
  const value = span.placed.get(high, low);
  if (value === 0) return false;
  if (value >= SCATTERED) return (span.scattered[value - SCATTERED] ?? []).some(({ epoch, places }) => isSince(epoch) && isSet(places, offset));
  const { epoch, from, to } = runOf(value);
  return offset >= from && offset < to && isSince(epoch);
};

/** Most requests come once and whole: their places are one run in one epoch. Any other unit has a set of places for each epoch. */
const notePlaces = (span: Span, { high, low, offset }: Unit, length: number, epoch: number): void => {
  const { placed, scattered } = span;
  const end = offset + length;
  let value = placed.get(high, low);
  if (value === 0) {
    placed.set(high, low, runValue(epoch, offset, end));
    return;
  }
  if (value < SCATTERED) {
    const run = runOf(value);
    if (run.epoch === epoch && offset >= run.from && offset <= run.to) {
      if (end > run.to) placed.set(high, low, runValue(epoch, run.from, end));
      return;
    }
    const places = placeSet();
    setPlaces(places, run.from, run.to);
    value = SCATTERED + scattered.push([{ epoch: run.epoch, places }]) - 1;
    span.sets++;
    placed.set(high, low, value);
  }
  const all = scattered[value - SCATTERED] as Scattered[];
  let one = all.find((known) => known.epoch === epoch);
  if (one === undefined) {
    all.push((one = { epoch, places: placeSet() }));
    span.sets++;
  }
  setPlaces(one.places, offset, end);
};

/** From here on a value is an index into `scattered`; below, it is a run of places and its epoch. */
const SCATTERED = 2 ** 31;
const runValue = (epoch: number, from: number, to: number): number => epoch | (from << 8) | (to << 17);
const runOf = (value: number) => ({ epoch: value & 0xff, from: (value >>> 8) & 0x1ff, to: (value >>> 17) & 0x3ff });
