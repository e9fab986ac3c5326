import { z } from 'zod';
import { add, count, decimal, definePipeline, div, event, floor, metric, mul, round, sum } from '../../shared/pipeline.ts';
import { system } from '../support/system.ts';

const reading = event(z.object({ at: z.iso.datetime(), n: z.int(), price: decimal(2), x: z.number() }), { time: 'at' });
const pipeline = definePipeline({
  events: { reading },
  metrics: {
    readings: metric(reading, {
      dimensions: { twice: add(reading.n, reading.n) },
      measures: {
        readings: count(),
        cents: sum(mul(reading.price, reading.n)),
        whole: sum(floor(reading.x)),
        near: sum(round(reading.x, 2)),
        share: sum(div(reading.x, reading.n), { scale: 2 }),
      },
    }),
    plain: metric(reading, { measures: { readings: count(), n: sum(reading.n) } }),
  },
});

test('given results that do not fit, then they are null in both layers, and counted', async () => {
  const world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
  const at = '2026-11-21T09:00:00.000Z';
  const MOST = Number.MAX_SAFE_INTEGER;
  const post = (...events: readonly object[]) => world.post('/events/reading', JSON.stringify(events.map((one) => ({ at, ...one }))), {});
  expect((await post({ n: 1, price: 1, x: 1.5 }, { n: 0, price: 1, x: 1.5 })).status).toBe(202);
  await world.drain();
  // Division by zero is no overflow.
  expect(world.counters.get('expression_overflows') ?? 0).toBe(0);
  expect((await post({ n: MOST, price: 90_071.99, x: 7e307 })).status).toBe(202);
  await world.drain();
  expect(world.counters.get('expression_overflows')).toBe(4);
  const ask = async () => (await world.get('/metrics/readings?from=2026-11-21&to=2026-11-22&by=twice&measures=cents,whole,near', {})).body.rows;
  const speed = await ask();
  expect(speed).toContainEqual(expect.objectContaining({ twice: null, cents: null, whole: null, near: null }));
  await world.publish();
  expect(await ask()).toEqual(speed);
  await world.close();
});
