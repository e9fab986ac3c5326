import { z } from 'zod';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

// Raw files are joined once a generation holds them. Whatever reads them afterwards finds the same events.

const hit = event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count(), total: sum(hit.n) } }) } });
let world: System;
let posted: number[];
beforeEach(async () => {
  posted = [];
  world = await system({ pipeline, shards: 2, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterEach(() => world.close());

/** Each call is archived by itself, as a trickle is. */
const trickle = async (calls: number): Promise<void> => {
  for (let i = 0; i < calls; i++) {
    const events = [1, 2, 3].map((j) => ({ at: '2026-11-21T09:00:00.000Z', n: 10 * posted.length + j }));
    await world.post('/events/hit', JSON.stringify(events), {});
    posted.push(...events.map(({ n }) => n));
    await world.drain();
  }
};
const rawFiles = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of world.lake.list('raw/', '')) found.push(key);
  return found;
};
const expectRight = async (): Promise<void> => {
  const { body } = await world.get('/metrics/hits?from=2026-11-21&to=2026-11-22', {});
  expect(body).toMatchObject({ rows: [{ hits: posted.length, total: posted.reduce((a, b) => a + b, 0) }] });
};

test('given a trickle of calls, then an epoch is a file a shard once a generation holds it, and the next ones go on from there', async () => {
  await trickle(6);
  expect((await rawFiles()).length).toBeGreaterThanOrEqual(6);
  const first = await world.publish();
  expect(first).toMatchObject({ state: 'published', counts: { lines: 18 } });
  expect((await rawFiles()).length).toBeLessThanOrEqual(2);
  await trickle(4);
  expect(await world.publish()).toMatchObject({ state: 'published', counts: { lines: 12 } });
  await expectRight();
  expect(await world.recompute()).toBeNull();
});

test('given joined files, when a generation is made anew from all raw lines, and when an older one goes on, then answers are the same', async () => {
  await trickle(5);
  const first = await world.publish();
  await trickle(5);
  await world.publish();
  await trickle(2);
  await world.publish();
  const repaired = await world.post('/recompute', '{"repair":true}', { 'content-type': 'application/json' });
  expect(repaired.status).toBe(202);
  expect(await world.recompute()).toMatchObject({ state: 'published', counts: { lines: posted.length } });
  await expectRight();
  await world.post(`/generations/${first?.id}/activate`, '', {});
  await expectRight();
  await world.publish();
  await expectRight();
});
