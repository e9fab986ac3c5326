import { count, definePipeline, distinct, event, metric } from 'twinstream';
import { z } from 'zod';
import { system } from '../support/system.ts';

const hit = event(z.object({ at: z.iso.datetime(), page: z.string() }), { time: 'at' });
const pipeline = definePipeline({
  events: { hit },
  metrics: { hits: metric(hit, { measures: { hits: count(), pages: distinct(hit.page, { exact: 2 }) } }) },
});

test('given a measure that is exact up to a number of values, then the answer lists it as an estimate only past that', async () => {
  const world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30Z') });
  try {
    const pages = ['a', 'b', 'c'].map((page, i) => ({ at: `2026-11-21T0${i}:00:00Z`, page }));
    await world.post('/events/hit', JSON.stringify(pages), {});
    await world.drain();
    const estimates = async (query: string) =>
      (JSON.parse((await world.get(`/metrics/hits?from=2026-11-21&${query}`, {})).text) as { estimates: object }).estimates;
    expect(await estimates('to=2026-11-21T02:00Z')).toEqual({});
    expect(await estimates('to=2026-11-21T03:00Z&every=1h')).toEqual({});
    expect(await estimates('to=2026-11-21T03:00Z')).toEqual({ pages: 0.016 });
  } finally {
    await world.close();
  }
});
