import { z } from 'zod';
import { generations } from '../../shared/batch/generations.ts';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import { definitionsRange, sliceExpires, slicesBefore } from '../../shared/storage/keys.ts';
import { type System, system } from '../support/system.ts';

// Where an expiry that is set later is billed like a write, cells have theirs from the beginning.
const HOUR_MS = 3_600_000;
const KEPT_MS = 48 * HOUR_MS;
const hit = event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count() } }) } });
let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z'), cellsKeptMs: KEPT_MS });
});
afterEach(() => world.close());

let posted = 0;
const post = async () => {
  await world.post('/events/hit', JSON.stringify({ at: '2026-11-01T09:00:00.000Z', n: posted++ }), {});
  await world.drain();
};
const publish = async () => {
  await post();
  return world.publish();
};
const ask = () => world.get('/metrics/hits?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z&every=all', {});
const hits = async () => (await ask()).body.rows[0]?.hits;
const slices = async () => {
  const [definition] = await world.store.query(definitionsRange);
  return (await world.store.query(slicesBefore(definition?.sort ?? '', Date.parse('2100-01-01')))).map(({ body }) => sliceExpires(body));
};

test('given no generation yet, then cells do not expire: all that there is is in them', async () => {
  await post();
  world.advance(10 * KEPT_MS);
  expect(await hits()).toBe(1);
  expect(await slices()).toEqual([false]);
});

test('given a generation, then cells expire by themselves, and only those from before it are retired', async () => {
  await publish();
  for (let n = 0; n < 5; n++) await publish();
  expect((await slices()).filter((expires) => expires).length).toBeGreaterThan(3);
  // What is retired is there for another hour, and counted meanwhile.
  for (let n = 0; n < 2; n++) {
    world.advance(HOUR_MS + 1);
    await publish();
  }
  const retired = world.counters.get('retired_slices');
  for (let n = 0; n < 2; n++) await publish();
  expect(world.counters.get('retired_slices')).toBe(retired);
  expect(await hits()).toBe(10);
  world.advance(KEPT_MS);
  expect(await slices()).toEqual([]);
});

test('given a batch layer that is so far behind that cells may have expired, then answers are refused until there is a generation again, and nothing is missing', async () => {
  await publish();
  await post();
  const horizonMs = (await generations(world.store).current())?.plan?.horizonMs ?? 0;
  world.advance(horizonMs + KEPT_MS - HOUR_MS - world.clock());
  expect(await hits()).toBe(2);
  world.advance(1);
  const { status, body } = await ask();
  expect([status, body]).toEqual([503, expect.objectContaining({ type: 'urn:twinstream:problem:batch-behind' })]);
  const stateOf = async () => (await world.get('/status', {})).body;
  expect(await stateOf()).toMatchObject({ state: 'batch-late', sentence: expect.stringContaining('queries answer 503'), batch: { expired: true } });
  await publish();
  expect(await stateOf()).toMatchObject({ batch: { expired: false } });
  expect(await hits()).toBe(3);
  const { drift } = (await generations(world.store).current()) ?? {};
  expect(Object.values(drift ?? {})).toEqual([expect.objectContaining({ speed: null, drift: null })]);
});

test('given a stage on which nothing happens for longer, then answers go on: nothing is missing', async () => {
  await publish();
  world.advance(10 * KEPT_MS);
  expect((await ask()).status).toBe(503);
  // The batch layer's next run finds nothing new.
  await world.heartbeat();
  await world.drain();
  await world.recompute();
  expect(await hits()).toBe(1);
});
