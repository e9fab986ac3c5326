import { z } from 'zod';
import { generations } from '../../shared/batch/generations.ts';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import type { Status } from '../../shared/query/status-schema.ts';
import { type System, system } from '../support/system.ts';

const hit = event(z.object({ at: z.iso.datetime(), page: z.string() }), { time: 'at' });
const view = event(z.object({ at: z.iso.datetime() }), { time: 'at' });
const pipeline = definePipeline({
  events: { hit, view },
  metrics: { hits: metric(hit, { measures: { hits: count() } }), views: metric(view, { measures: { views: count() } }) },
});
const START = '2026-11-21T10:00:30.000Z';
let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse(START) });
});
afterEach(() => world.close());
const status = async (): Promise<Status> => (await world.get('/status', {})).body as unknown as Status;
const post = (type: string, event: object, headers: Record<string, string> = {}) => world.post(`/events/${type}`, JSON.stringify(event), headers);

test('given nothing, then it is quiet, and says how to begin', async () => {
  const { state, sentence, advice, events, batch, drift } = await status();
  expect([state, sentence, advice]).toEqual(['quiet', 'No events yet.', expect.stringContaining('POST /events/TYPE')]);
  expect(events).toEqual({ total: 0, since: null, lastArrival: null, first: null, last: null, perSecond: 0, usualGapMs: null, quietAfterMs: 120_000 });
  expect([batch.generation, batch.horizon, batch.nextRun, batch.stepMs, drift]).toEqual([null, null, null, 60_000, null]);
});

test('given events of two types, a duplicate and a heartbeat, then events are counted once, with the times of their own and of their arrival', async () => {
  await world.close();
  world = await system({ pipeline, shards: 2, startMs: Date.parse(START) });
  await post('hit', { at: '2026-11-21T09:00:00.000Z', page: 'a' }, { 'idempotency-key': 'a' });
  await post('hit', { at: '2026-11-21T09:00:00.000Z', page: 'a' }, { 'idempotency-key': 'a' });
  world.advance(10_000);
  await post('view', { at: '2026-11-20T07:00:00.000Z' });
  world.advance(20_000);
  await world.heartbeat();
  await world.drain();
  world.advance(5_000);
  const { state, sentence, at, events, lag } = await status();
  expect([state, sentence]).toEqual(['well', 'All is well. 2 events since 10:00 UTC, the last one 25 seconds ago; the batch layer has not run yet.']);
  expect(at).toBe('2026-11-21T10:01:05.000Z');
  expect(events).toMatchObject({
    total: 2,
    since: START,
    lastArrival: '2026-11-21T10:00:40.000Z',
    first: '2026-11-20T07:00:00.000Z',
    last: '2026-11-21T09:00:00.000Z',
  });
  const shards = (await world.log.shards()).map(({ id }) => ({ shard: id, through: '2026-11-21T10:01:00.000Z', lagMs: 5_000 }));
  expect(lag).toEqual({ ms: 5_000, limitMs: 20_000, through: '2026-11-21T10:01:00.000Z', shards });
});

test('given a steady sender, then its rate and its usual gap are known', async () => {
  for (let i = 0; i < 60; i++) {
    await post('hit', { at: '2026-11-21T09:00:00.000Z', page: 'a' });
    if (i % 20 === 0) await world.drain();
    world.advance(500);
  }
  await world.drain();
  const { events } = await status();
  expect(events.total).toBe(60);
  expect(events.perSecond).toBeGreaterThan(1.8);
  expect(events.perSecond).toBeLessThan(2.2);
  expect(events.usualGapMs).toBeGreaterThan(400);
  expect(events.usualGapMs).toBeLessThan(600);
  world.advance(130_000);
  expect(await status()).toMatchObject({ state: 'behind', sentence: expect.stringContaining('Live is 2 minutes behind.') });
  await world.heartbeat();
  await world.drain();
  expect(await status()).toMatchObject({ state: 'quiet', sentence: expect.stringContaining('Nothing has come for 2 minutes.') });
});

test('given a published generation, then its horizon and drift; given one that nobody published for long, then batch is late', async () => {
  await post('hit', { at: '2026-11-21T09:00:00.000Z', page: 'a' });
  await world.drain();
  await world.publish();
  const { state, batch, drift } = await status();
  expect([state, batch]).toEqual([
    'well',
    {
      ...{ generation: 'g000001', horizon: '2026-11-21T10:01:00.000Z', wholeUntil: '2026-11-21T10:01:00.000Z', lateAfterMs: 180_000, expired: false },
      ...{ next: '2026-11-21T10:01:00.000Z', heldBackBy: null, stepMs: 60_000, nextRun: null, lastFailure: null },
    },
  ]);
  expect(drift).toEqual({ generation: 'g000001', publishedAt: '2026-11-21T10:01:30.000Z', events: 0, metrics: [] });
  world.advance(240_000);
  await post('hit', { at: '2026-11-21T09:00:00.000Z', page: 'a' });
  await world.drain();
  expect(await status()).toMatchObject({ state: 'batch-late', batch: { wholeUntil: '2026-11-21T10:01:00.000Z' } });
  expect(await world.publish()).toMatchObject({ state: 'published' });
  expect((await status()).state).toBe('well');
  // The two came four minutes apart: five times as long is unusual.
  world.advance(1_500_000);
  await world.heartbeat();
  await world.drain();
  await world.recompute();
  expect(await status()).toMatchObject({ state: 'quiet', batch: { horizon: '2026-11-21T10:06:00.000Z', wholeUntil: '2026-11-21T10:31:00.000Z' } });
});

test('given another generation that becomes active between two reads, then batch and drift are of one', async () => {
  for (let n = 0; n < 2; n++) {
    await post('hit', { at: '2026-11-21T09:00:00.000Z', page: 'a' });
    await world.drain();
    await world.publish();
  }
  const { store } = world;
  const list = generations(store);
  const get: typeof store.get = async (keys) => {
    const found = await store.get(keys);
    const active = keys.some(({ partition, sort }) => partition === 'generations' && sort === 'active') ? await list.active() : null;
    if (active !== null) await list.activate(active.id === 'g000001' ? 'g000002' : 'g000001', active.version);
    return found;
  };
  world.deploy(pipeline, { store: { ...store, get } });
  const { batch, drift } = await status();
  expect(drift?.generation).toBe(batch.generation);
});

test('given a generation that counted fewer events than the speed layer, then drift names the metric and by how much', async () => {
  await post('hit', { at: '2026-11-21T09:00:00.000Z', page: 'a' });
  await world.drain();
  await world.publish();
  const list = generations(world.store);
  const found = (await list.current())?.drift ?? {};
  const differing = Object.entries(found).map(([id, drift]) => [id, id.startsWith('hits@') ? { ...drift, speed: 4, drift: 3 } : drift]);
  await list.update('g000001', { drift: Object.fromEntries(differing) as typeof found });
  expect(await status()).toMatchObject({
    state: 'drift',
    sentence: 'Batch and live differ. For hits, live counted 3 more.',
    drift: { generation: 'g000001', events: 3, metrics: [{ metric: 'hits', events: 3 }] },
  });
});

test('given rejected events, then the last ten minutes and all that wait are counted, each once, until they leave', async () => {
  const later = async () => {
    world.advance(10_000);
    const { state, quarantine } = await status();
    return [state, quarantine];
  };
  await post('hit', { at: '2026-11-21T09:00:00.000Z', page: 'a' });
  await post('hit', { at: 'never' });
  await post('hit', { at: 'never' });
  await post('hit', { at: 'no' });
  await world.drain();
  expect(await later()).toEqual(['rejects', { rejected: 3, waiting: 2, more: false }]);
  world.advance(600_000);
  await post('hit', { at: '2026-11-21T09:00:00.000Z', page: 'a' });
  await world.drain();
  await world.publish();
  expect(await later()).toEqual(['well', { rejected: 0, waiting: 2, more: false }]);
  await world.call('DELETE', '/quarantine?limit=2', null, {});
  expect(await later()).toEqual(['well', { rejected: 0, waiting: 1, more: false }]);
});

test('given a lake that cannot be read, then that is what it says', async () => {
  world.deploy(pipeline, { lake: { ...world.parts.lake, get: () => Promise.reject(new Error('AccessDenied')) } });
  expect(await status()).toMatchObject({
    state: 'down',
    sentence: expect.stringContaining('The lake'),
    down: expect.arrayContaining([{ part: 'lake', error: 'Error' }]),
  });
});
