import { identityOf } from '../../shared/log/identity.ts';
import { seenTable } from '../../shared/log/seen-table.ts';
import { random, seeds } from '../../testing/random.ts';

const HOUR = 3_600_000;

test('given an identity for the first time, then it is not known; then it stood in its newest epoch', () => {
  const table = seenTable(HOUR);
  expect([
    table.note('0123456789abcdef', 0),
    table.note('0123456789abcdef', HOUR),
    table.note('0123456789abcdef', 0),
    table.note('0123456789abcdef', HOUR),
  ]).toEqual([null, 0, HOUR, HOUR]);
  expect(table.size).toBe(1);
});

test('given identities that differ in one half only, then they are different', () => {
  const table = seenTable(HOUR);
  const all = ['0000000000000000', '0000000100000000', '0000000000000001', 'ffffffff00000000', '00000000ffffffff', 'ffffffffffffffff'];
  expect(all.map((one) => table.note(one, 5_000))).toEqual(all.map(() => null));
  expect(all.map((one) => table.note(one, 6_000))).toEqual(all.map(() => 5_000));
});

describe.each(seeds(3))('seed %i', (seed) => {
  test('given a hundred thousand random identities, then each within the window is known as a plain map knows it', () => {
    const r = random(seed);
    const table = seenTable(HOUR);
    const plain = new Map<string, number>();
    const wrong: unknown[] = [];
    for (let i = 0; i < 100_000; i++) {
      // Some share their low half with another, and with it their place.
      const full = identityOf('/s', `${r.integer(0, 40_000)}`);
      const one = r.chance(0.1) ? `${'0'.repeat(8)}${full.slice(8)}` : full;
      const epoch = Math.floor(i / 5_000) * (HOUR / 4);
      const before = plain.get(one) ?? null;
      const known = table.note(one, epoch);
      // Past the window the table may have forgotten it.
      const mayBeForgotten = before !== null && before < epoch - HOUR;
      if (known !== before && !(mayBeForgotten && known === null)) wrong.push({ one, epoch, before, known });
      plain.set(one, Math.max(epoch, before ?? 0));
    }
    expect(wrong).toEqual([]);
  });

  test('given epochs that go on for days, then the table holds the window, not the history', () => {
    const r = random(seed);
    const table = seenTable(HOUR);
    for (let i = 0; i < 400_000; i++) table.note(identityOf('/s', `${r.next()}`), Math.floor(i / 2_000) * HOUR);
    expect(table.size).toBeLessThan(20_000);
  });
});
