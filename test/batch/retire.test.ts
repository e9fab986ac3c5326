import { z } from 'zod';
import { generations } from '../../shared/batch/generations.ts';
import { retire } from '../../shared/batch/retire.ts';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import { definitionsRange, slicesBefore } from '../../shared/storage/keys.ts';
import { type System, system } from '../support/system.ts';

const hit = event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count() } }) } });
let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterEach(() => world.close());

let posted = 0;
const publish = async () => {
  await world.post('/events/hit', JSON.stringify({ at: '2026-11-01T09:00:00.000Z', n: posted++ }), {});
  await world.drain();
  return world.publish();
};
/** Slices of epochs before the first generation's horizon, which no generation needs. */
const unneeded = async (): Promise<number> => {
  world.advance(3_600_001);
  const horizonMs = (await generations(world.store).get('g000001'))?.plan?.horizonMs ?? 0;
  const [definition] = await world.store.query(definitionsRange);
  return (await world.store.query(slicesBefore(definition?.sort ?? '', horizonMs))).length;
};
const retired = () => [world.counters.get('retired_slices') ?? 0, world.counters.get('retire_failures') ?? 0];
const isOfCells = ({ partition }: { partition: string }) => partition.startsWith('cells#');
const filesOf = async (generation: string) => {
  const found: string[] = [];
  for await (const { key } of world.lake.list('generations/', '')) if (key.includes(generation)) found.push(key);
  return found;
};

test.each<[string, (store: CellStore) => CellStore['expire'], RegExp]>([
  [
    'cannot be written',
    (store) =>
      (range, ...how) =>
        isOfCells(range) ? Promise.reject(new Error('throttled')) : store.expire(range, ...how),
    /throttled/,
  ],
  [
    'take longer than the run has',
    (store) =>
      async (range, ...how) =>
        !isOfCells(range) && store.expire(range, ...how),
    /Expected time to retire the cells/,
  ],
])('given cells that %s, then it is counted, files are removed all the same, and a later run retires them', async (_, broken, message) => {
  world.deploy(pipeline, { store: { ...world.parts.store, expire: broken(world.parts.store) } });
  for (let n = 0; n < 4; n++) expect(await publish()).toMatchObject({ state: 'published' });
  expect(retired()).toEqual([0, 4]);
  expect(world.errors.map(({ fields }) => String(fields.error))).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(message)));
  // Three are kept.
  expect([await filesOf('g000001'), (await filesOf('g000002')).length]).toEqual([[], 1]);
  expect(await unneeded()).toBe(1);
  world.deploy(pipeline, {});
  await publish();
  const [slices, failures] = retired();
  expect([(slices ?? 0) > 0, failures, await unneeded()]).toEqual([true, 4, 0]);
});

test('given files that cannot be removed, then cells are retired all the same', async () => {
  world.deploy(pipeline, { lake: { ...world.parts.lake, remove: () => Promise.reject(new Error('the lake is down')) } });
  for (let n = 0; n < 5; n++) expect(await publish()).toMatchObject({ state: 'published' });
  expect(world.errors.length).toBeGreaterThan(0);
  const [slices, failures] = retired();
  expect([(slices ?? 0) > 1, failures]).toEqual([true, 0]);
});

test('given a minute left of the run, then no cell is retired, and another run retires them', async () => {
  world.deploy(pipeline, { store: { ...world.parts.store, expire: async () => false } });
  await publish();
  const ports = { store: world.store, lake: world.lake, clock: world.clock, keep: 3, telemetry: world.parts.telemetry };
  const before = retired();
  await retire(ports, generations(world.store), () => 60_000);
  expect(retired()).toEqual([before[0], (before[1] ?? 0) + 1]);
  await retire(ports, generations(world.store), () => 60_001);
  expect(retired()).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + 1]);
});
