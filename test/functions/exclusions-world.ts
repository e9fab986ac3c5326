import { z } from 'zod';
import { count, definePipeline, event, metric, not, sum, top } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

export const hit = event(z.object({ at: z.iso.datetime(), n: z.int(), id: z.string(), isTest: z.boolean() }), { time: 'at', id: 'id' });
export const miss = event(z.object({ at: z.iso.datetime(), n: z.int(), id: z.string() }), { time: 'at', id: 'id' });
export const pipeline = definePipeline({
  events: { hit, miss },
  metrics: {
    hits: metric(hit, { measures: { hits: count(), n: sum(hit.n), ids: top(hit.id) } }),
    real: metric(hit, { window: '1h', where: not(hit.isTest), measures: { hits: count() } }),
    misses: metric(miss, { measures: { misses: count() } }),
  },
});
const NOW = Date.parse('2026-11-21T10:00:30.000Z');
const NDJSON = { 'content-type': 'application/x-ndjson' };
export const DAY_1 = '2026-11-19T09:00:00.000Z';
export const DAY_2 = '2026-11-20T09:00:00.000Z';

export let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 2, startMs: NOW });
});
afterEach(() => world.close());

export const post = async (...events: readonly (readonly [id: string, at: string, n: number])[]) => {
  const reply = await world.post('/events/hit', events.map(([id, at, n]) => JSON.stringify({ id, at, n, isTest: n > 100 })).join('\n'), NDJSON);
  expect(reply.status).toBe(202);
  await world.drain();
};
export const exclude = (body: object) => world.post('/exclusions', JSON.stringify(body), {});
export const restore = (id: string) => world.call('DELETE', `/exclusions/${id}`, null, {});
export const states = async () => (await world.get('/exclusions', {})).body.exclusions.map(({ id, state }) => `${id} ${state}`);
