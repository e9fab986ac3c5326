import { identityOf, laneOf } from '../../shared/log/identity.ts';
import { LANES, laneReader, lanesFor } from '../../shared/log/lane.ts';
import { ownUnit, PLACES, type Unit, unitReader } from '../../shared/log/unit.ts';
import { random, seeds } from '../../testing/random.ts';

const hashOf = ({ high, low }: Unit) => `${high.toString(16).padStart(8, '0')}${low.toString(16).padStart(8, '0')}`;

test.each(['a', 'k', ':', 'a:', '0', 'a:01', 'a:1234567', 'a:-1', 'a:1 ', 'a:1\n', 'a:٣', 'a:1x', ''])(
  'given the id %j, which has no index, then its unit is its identity, without places',
  (id) => {
    const unit = unitReader()('/s', id);
    expect([hashOf(unit), unit.offset]).toEqual([identityOf('/s', id), -1]);
  },
);

test.each([
  ['k:0', 0, 0],
  ['k:7', 0, 7],
  ['k:511', 0, 511],
  ['k:512', 1, 0],
  ['k:999999', 1_953, 63],
  [':3', 0, 3],
  ['a:b:\n:10', 0, 10],
])('given the id %j, then it is a place in the chunk of its key', (id, chunk, offset) => {
  const unitOf = unitReader();
  const first = `${id.slice(0, id.lastIndexOf(':'))}:${chunk * PLACES}`;
  expect([hashOf(unitOf('/s', id)), unitOf('/s', id).offset]).toEqual([hashOf(unitReader()('/s', first)), offset]);
  expect(hashOf(unitOf('/t', id))).not.toBe(hashOf(unitOf('/s', id)));
});

test.each(seeds(3))('seed %i: given ids in any order, then each is a unit and place of its own, and the same for every reader', (seed) => {
  const r = random(seed);
  const unitOf = unitReader();
  const names = new Map<string, string>();
  for (let i = 0; i < 3_000; i++) {
    const source = r.pick(['/s', '/s1', '']);
    const id = `${r.pick(['k', 'k1', '1k', 'k:1', ''])}${r.pick([':', ''])}${r.pick([r.integer(0, 2_000), ''])}`;
    const unit = unitOf(source, id);
    expect(unit).toEqual(unitReader()(source, id));
    names.set(JSON.stringify([source, id]), JSON.stringify(unit));
  }
  expect(new Set(names.values()).size).toBe(names.size);
});

test('given the events of a request without ids of their own, then they share a lane; given own ids, then they share as many as the log has for them', () => {
  const laneIn = laneReader(lanesFor(4));
  const lanesOf = (ids: readonly string[]) => new Set(ids.map((id) => laneIn('/s', id)));
  const numbers = Array.from({ length: PLACES }, (_, i) => i);
  expect(lanesOf(numbers.map((i) => `request:${i}`)).size).toBe(1);
  expect([...lanesOf(numbers.map((i) => `id ${i}`))].sort((a, b) => a - b)).toEqual([512, 1_536, 2_560, 3_584]);
  const requests = lanesOf(numbers.map((i) => `${i}:0`));
  expect(requests.size).toBeGreaterThan(450);
  expect([...requests].every((lane) => Number.isInteger(lane) && lane >= 0 && lane < LANES)).toBe(true);
});

test('given more shards, then own ids have a lane for each', () => {
  expect([1, 2, 4, 5, 8, 9, 64].map((shards) => lanesFor(shards).own)).toEqual([4, 4, 4, 8, 8, 16, 64]);
});

test('given a log from before units, then its lanes are what they were', () => {
  const laneIn = laneReader({ count: 4, own: null });
  for (const id of ['a', 'k:3']) expect(laneIn('/s', id)).toBe(laneOf(identityOf('/s', id), 4));
});

test('given halves with the highest bit set, then they are not negative', () => {
  const units = Array.from({ length: 50 }, (_, i) => ownUnit('/s', `${i}`));
  expect(units.every(({ high, low }) => high >= 0 && low >= 0)).toBe(true);
});
