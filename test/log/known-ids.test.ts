import { knownIds } from '../../shared/log/known-ids.ts';
import { notes, readNotes } from '../../shared/log/notes.ts';
import { PLACES, type Unit } from '../../shared/log/unit.ts';
import { type Random, random, seeds } from '../../testing/random.ts';
import { some } from '../support/long.ts';

const HOUR = 3_600_000;
const nameOf = ({ high, low, offset }: Unit) => `${high} ${low} ${offset}`;
/** Few hashes, some of which share a half or are all zeros or ones, as own units and with places. */
const unitOf = (r: Random, hashes: number): Unit => {
  const half = () => r.pick([0, 2 ** 32 - 1, Math.imul(r.integer(0, hashes), 7_919_777) >>> 0]);
  return { high: half(), low: half(), offset: r.chance(0.4) ? -1 : r.chance(0.5) ? r.integer(0, 5) : r.integer(0, PLACES - 1) };
};
/** How many places follow each other from that of a unit on. */
const lengthOf = (r: Random, { offset }: Unit): number => (offset < 0 || r.chance(0.8) ? 1 : r.integer(1, Math.min(8, PLACES - offset)));
const places = (unit: Unit, length: number): Unit[] => Array.from({ length }, (_, i) => ({ ...unit, offset: unit.offset + i }));

describe.each(some(seeds(4), 1))('seed %i', (seed) => {
  test.each([
    ['hours', HOUR, 40],
    ['minutes', 60_000, 400],
    ['seconds, more than a byte can name', 1_000, 4_000],
  ])('given units noted in epochs of %s, then each is known from its newest epoch on, as a plain map knows it', (_, epochLength, epochs) => {
    const r = random(seed);
    const known = knownIds(HOUR);
    const plain = new Map<string, number>();
    const wrong: unknown[] = [];
    for (let i = 0; i < 20_000; i++) {
      const epochMs = Math.floor((i / 20_000) * epochs) * epochLength;
      const sinceMs = epochMs - HOUR;
      const unit = unitOf(r, 300);
      const expected = (plain.get(nameOf(unit)) ?? -HOUR * 2) >= sinceMs;
      if (known.has(unit, sinceMs) !== expected) wrong.push({ unit, epochMs, expected });
      // Notes may come in any order, as those of several parents do.
      const noteMs = r.chance(0.9) ? epochMs : Math.max(0, epochMs - r.integer(0, 3) * epochLength);
      if (r.chance(0.6)) {
        const length = lengthOf(r, unit);
        known.note(unit, length, noteMs);
        for (const one of places(unit, length)) plain.set(nameOf(one), Math.max(noteMs, plain.get(nameOf(one)) ?? 0));
      }
      if (r.chance(0.002)) known.forget(sinceMs);
    }
    expect(wrong).toEqual([]);
  });

  test('given notes, then they are read as they were written, and the same records give the same bytes, in one part or several', () => {
    const r = random(seed);
    const [one, other] = [notes(), notes()];
    const names = new Set<string>();
    const all = Array.from({ length: seed % 2 === 0 ? 300 : 60_000 }, () => unitOf(r, 100_000));
    const lengths = all.map((unit) => lengthOf(r, unit));
    for (const [i, unit] of all.entries()) {
      one.add(unit, lengths[i] as number);
      for (const place of places(unit, lengths[i] as number)) names.add(nameOf(place));
    }
    expect(all.every(one.has)).toBe(true);
    // A batch goes on from what rode in the progress.
    const early = notes();
    for (const [i, unit] of all.slice(0, all.length >> 1).entries()) early.add(unit, lengths[i] as number);
    for (const part of early.encode()) readNotes(part, other.add);
    // Place by place gives the same as run by run.
    for (const [i, unit] of all.entries()) if (i >= all.length >> 1) for (const place of places(unit, lengths[i] as number)) other.add(place, 1);
    const parts = one.encode();
    expect(Buffer.concat(other.encode()).equals(Buffer.concat(parts))).toBe(true);
    expect(parts.length > 1).toBe(all.length > 1_000);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(300_000); // an item holds 400 KB
    const read: string[] = [];
    for (const part of parts) readNotes(part, (unit, length) => read.push(...places(unit, length).map(nameOf)));
    expect([read.length, read.every((name) => names.has(name))]).toEqual([names.size, true]);
  });
});

test('given nothing, then there are no parts', () => {
  expect(notes().encode()).toEqual([]);
});

test('given very many ids or requests, then they take few bytes each, and none once the window has passed them', () => {
  const r = random(1);
  const known = knownIds(HOUR);
  const word = () => r.integer(0, 2 ** 32 - 1);
  for (let i = 0; i < 100_000; i++) known.note({ high: word(), low: word(), offset: -1 }, 1, 0);
  const ofOwn = known.bytes / 100_000;
  for (let i = 0; i < 100_000; i++) {
    const [high, low] = [word(), word()];
    for (let offset = 0; offset < 3; offset++) known.note({ high, low, offset }, 1, 0);
  }
  expect([Math.ceil(ofOwn), Math.ceil((known.bytes - ofOwn * 100_000) / 100_000)].map((bytes) => bytes <= 19)).toEqual([true, true]);
  expect(ofOwn).toBeLessThan(14);
  // A shard has a slice of the hash range: its hashes share their first bits.
  const ofSlice = knownIds(HOUR);
  for (let i = 0; i < 100_000; i++) ofSlice.note({ high: word() >>> 6, low: word(), offset: -1 }, 1, 0);
  expect(ofSlice.bytes / 100_000).toBeLessThan(14);
  known.forget(HOUR);
  expect(known.bytes).toBe(0);
});
