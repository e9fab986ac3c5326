import { z } from 'zod';
import type { Generation } from '../../shared/batch/generations.ts';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

// The list of generations: short, paged, and clear about what waits.

const hit = event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count() } }) } });
let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterEach(() => world.close());

const post = async () => {
  await world.post('/events/hit', JSON.stringify({ at: '2026-11-21T09:00:00.000Z', n: 1 }), {});
  await world.drain();
};
const page = async (query: string) => {
  const { active, generations, next } = (await world.get(`/generations${query}`, {})).body;
  return { active, ids: generations.map(({ id }) => id), next };
};
const idOf = (n: number) => `g${String(n).padStart(6, '0')}`;
const ENDED: Omit<Generation, 'id'> = {
  state: 'retired',
  requestedAtMs: 0,
  throughMs: null,
  plan: null,
  attempts: 0,
  publishedAtMs: 0,
  error: null,
  counts: null,
  drift: {},
};
/** Generations as an older version left them. */
const store = async (generations: readonly Generation[]) => {
  await world.store.put(
    generations.map((generation) => ({
      cell: { partition: 'generations', sort: generation.id, version: '1', body: Buffer.from(JSON.stringify(generation)) },
      expected: null,
      expiresAtMs: null,
    })),
  );
};

test('given 30,000 generations that ended long ago, then the list answers the newest 50, goes on where it is asked to, and a run leaves 50 of them', async () => {
  await store(Array.from({ length: 30_000 }, (_, i) => ({ ...ENDED, id: idOf(i + 1) })));
  const first = await page('');
  expect([first.ids.length, first.ids[0], first.next]).toEqual([50, 'g030000', 'g029951']);
  expect(await page(`?limit=2&after=${first.next}`)).toEqual({ active: null, ids: ['g029950', 'g029949'], next: 'g029949' });
  expect(await page('?limit=2&after=g000003')).toEqual({ active: null, ids: ['g000002', 'g000001'], next: null });
  await post();
  expect(await world.publish()).toMatchObject({ id: 'g030001', state: 'published' });
  expect(await page('?limit=1000')).toEqual({
    active: 'g030001',
    ids: ['g030001', ...Array.from({ length: 50 }, (_, i) => idOf(30_000 - i))],
    next: null,
  });
});

test('given one that ended and whose files could not be removed, then it stays in the list until they are', async () => {
  await store(Array.from({ length: 60 }, (_, i) => ({ ...ENDED, id: idOf(i + 1), state: 'failed', failedAtMs: Date.parse('2026-11-21T10:00:00Z') })));
  await world.lake.put('generations/g000002.journal.json', Buffer.from('{"steps":{},"attempts":[]}'));
  await post();
  await world.publish();
  expect((await page('?after=g000011')).ids).toEqual(['g000002']);
});

test.each([
  ['limit=0', "limit: Expected a whole number from 1 to 1000, got '0'"],
  ['limit=1001', "limit: Expected a whole number from 1 to 1000, got '1001'"],
  ['after=41', "after: Expected the id of a generation such as g000041, got '41'"],
  ['before=g000041', "Expected the parameters limit, after, got 'before'"],
])('given %s, then 400 says what was expected', async (query, detail) => {
  expect(await world.get(`/generations?${query}`, {})).toMatchObject({ status: 400, body: { detail } });
});

test('given a horizon that moves on and no lines, then no generation is made, and the layer is not called late; with lines, one is', async () => {
  await post();
  expect(await world.publish()).toMatchObject({ id: 'g000001' });
  for (let i = 0; i < 3; i++) expect(await world.publish()).toBeNull();
  world.advance(3_600_000);
  await world.publish();
  await world.heartbeat();
  expect(world.counters.get('generation_lag_seconds')).toBeLessThan(120);
  expect((await page('')).ids).toEqual(['g000001']);
  await post();
  expect(await world.publish()).toMatchObject({ id: 'g000002', counts: { lines: 1 } });
});

test('given requests, then each says what it waits for', async () => {
  await post();
  await world.publish();
  await world.post('/recompute', '', {});
  await world.post('/recompute', '', {});
  const waits = async () => (await world.get('/generations', {})).body.generations.map(({ waitsFor }) => waitsFor);
  const { id: shard } = (await world.log.shards())[0] ?? { id: '' };
  const forHorizon = `Waits for the horizon, which was at 2026-11-21T10:01:00.000Z, where ${shard} held it back, to pass 2026-11-21T10:01:30.001Z.`;
  expect(await waits()).toEqual([forHorizon, forHorizon, null]);
  expect(await world.publish()).toMatchObject({ id: 'g000002', state: 'published' });
  expect(await waits()).toEqual(['Waits for its turn.', null, null]);
  expect(await world.publish()).toMatchObject({ id: 'g000003', state: 'published' });
  expect(await waits()).toEqual([null, null, null]);
});

test('given a request that was made while the clock was ahead by days, then it says so, and ends once the log has got there', async () => {
  await post();
  await world.publish();
  world.advance(72 * 3_600_000);
  await world.post('/recompute', '', {});
  world.advance(-72 * 3_600_000);
  await world.publish();
  const [waiting] = (await world.get('/generations', {})).body.generations;
  expect(waiting).toMatchObject({ id: 'g000002', state: 'requested' });
  expect(waiting?.waitsFor).toContain('to pass 2026-11-24T10:01:30.001Z. That is ahead of the clock, which is at 2026-11-21T10:02:30.000Z');
  world.advance(72 * 3_600_000);
  expect(await world.publish()).toMatchObject({ id: 'g000002', state: 'published' });
});

test('given metrics that differ in opposite directions, then the drift of their generation is the sum of what they differ by', async () => {
  const drift = (difference: number) => ({ speed: 0, batch: 0, lateDuplicates: 0, excluded: 0, restored: 0, drift: difference });
  await store([{ ...ENDED, id: 'g000001', state: 'published', drift: { a: drift(2), b: drift(-2), c: { ...drift(0), drift: null } } }]);
  expect((await world.get('/generations', {})).body.generations).toMatchObject([{ drift: 4 }]);
});
