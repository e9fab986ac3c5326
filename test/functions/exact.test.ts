import { z } from 'zod';
import { coalesce, count, decimal, definePipeline, event, mean, metric, quantiles, sum, time } from '../../shared/pipeline.ts';
import type { Fields } from '../../testing/body.ts';
import { type System, system } from '../support/system.ts';

// Numbers that doubles cannot say, from both layers: exact as text, and marked where a number is not.

const NOW = '2026-11-21T10:00:30.000Z';
const at = '2026-11-21T09:00:00.000Z';
const sale = event(z.object({ at: time(), shop: z.string(), n: z.int(), price: decimal(2), weight: z.number().optional() }), { time: 'at' });
const pipeline = definePipeline({
  events: { sale },
  metrics: {
    sales: metric(sale, {
      dimensions: { shop: sale.shop },
      measures: {
        sales: count(),
        n: sum(sale.n),
        price: sum(sale.price),
        usual: mean(sale.price),
        weight: sum(sale.weight, { scale: 3 }),
        heavy: mean(sale.weight, { scale: 3 }),
        sizes: quantiles(sale.n),
      },
    }),
  },
});
const LARGE = Number.MAX_SAFE_INTEGER;
const EVENTS = [
  { at, shop: 'a', n: LARGE, price: 0.1, weight: 1.5e16 },
  { at, shop: 'a', n: 1, price: 0.1, weight: 1 },
  { at, shop: 'a', n: 1, price: 0.1, weight: -1e300 },
  { at, shop: '', n: -5, price: -0.05 },
];

describe.each(['speed', 'batch'])('answers from %s', (side) => {
  let world: System;
  beforeAll(async () => {
    world = await system({ pipeline, shards: 2, startMs: Date.parse(NOW) });
    await world.post('/events/sale', JSON.stringify(EVENTS), { 'idempotency-key': 'a' });
    await world.drain();
    if (side === 'batch') expect(await world.publish()).toMatchObject({ state: 'published' });
  });
  afterAll(() => world.close());
  const ask = async (query: string) => (await world.get(`/metrics/sales?from=2026-11-21&to=2026-11-22&${query}`, {})).body;

  test('given a sum past 2^53, then the answer names it as rounded, and its text is exact', async () => {
    const asNumbers = await ask('filter[shop]=a&measures=n,price,usual');
    expect(asNumbers.rows).toEqual([{ window: '2026-11-21T00:00:00.000Z', n: 9007199254740992, price: 0.3, usual: 0.1 }]);
    expect(asNumbers.rounded).toEqual({ measures: ['n'] });
    const asText = await ask('filter[shop]=a&measures=sales,n,price,usual,sizes&numbers=text');
    expect(asText.rows).toEqual([
      {
        window: '2026-11-21T00:00:00.000Z',
        sales: '3',
        n: '9007199254740993',
        price: '0.30',
        usual: '0.1',
        sizes: { p50: '1', p90: '8961936946928223', p99: '8961936946928223' },
      },
    ]);
    expect(asText.rounded).toBeUndefined();
    const wrong = await world.get('/metrics/sales?numbers=roman', {});
    expect([wrong.status, wrong.body.detail]).toEqual([400, "numbers: Expected one of number, text, got 'roman'"]);
  });

  test('given floats past 2^53, then the answer says how many values are in no sum', async () => {
    const answer = await ask('measures=weight,heavy');
    expect([answer.rows, answer.outOfRange]).toEqual([[{ window: '2026-11-21T00:00:00.000Z', weight: 1, heavy: 1 }], { weight: 2, heavy: 2 }]);
    expect((await ask('measures=weight&filter[shop]=')).outOfRange).toBeUndefined();
  });

  test('given CSV, then it says what JSON says: the facts in a header, the columns of the question, null apart from an empty text', async () => {
    const url = '/metrics/sales?from=2026-11-21&to=2026-11-22&by=shop&measures=n,weight';
    const [json, csv] = [await world.get(url, {}), await world.get(url, { accept: 'text/csv' })];
    const { rows, provenance, ...facts } = json.body;
    const { cut, ...shown } = provenance as Fields;
    expect(cut).toEqual(expect.any(String));
    expect(JSON.parse(csv.headers.get('twinstream-answer') ?? '')).toEqual({ ...facts, provenance: shown });
    expect(facts).toMatchObject({ outOfRange: { weight: 2 }, rounded: { measures: ['n'] } });
    expect(csv.text.split('\r\n')).toEqual(['window,shop,n,weight', '2026-11-21T00:00:00.000Z,"",-5,', `2026-11-21T00:00:00.000Z,a,9007199254740992,1`, '']);
    const none = await world.get('/metrics/sales?from=2020-01-01&to=2020-01-02&by=shop&measures=sales,sizes', { accept: 'text/csv' });
    expect(none.text).toBe('window,shop,sales,sizes.p50,sizes.p90,sizes.p99\r\n');
  });
});

test('given a new field with a default, then older events are in group null, and coalesce gives them the default, in both layers', async () => {
  const before = event(z.object({ at: time() }), { time: 'at' });
  const visit = event(z.object({ at: time(), plan: z.string().default('free') }), { time: 'at' });
  const world = await system({
    pipeline: definePipeline({ events: { visit: before }, metrics: { visits: metric(before, { measures: { visits: count() } }) } }),
    shards: 1,
    startMs: Date.parse(NOW),
  });
  try {
    await world.post('/events/visit', JSON.stringify({ at }), { 'idempotency-key': 'a' });
    await world.drain();
    await world.publish();
    const dimensions = { plan: visit.plan, always: coalesce(visit.plan, 'free') };
    world.deploy(definePipeline({ events: { visit }, metrics: { visits: metric(visit, { dimensions, measures: { visits: count() } }) } }), {});
    await world.post('/events/visit', JSON.stringify({ at }), { 'idempotency-key': 'b' });
    await world.drain();
    await world.publish();
    const { body } = await world.get('/metrics/visits?from=2026-11-21&to=2026-11-22&by=plan,always', {});
    expect(body.rows.map(({ plan, always, visits }) => [plan, always, visits])).toEqual([
      ['free', 'free', 1],
      [null, 'free', 1],
    ]);
  } finally {
    await world.close();
  }
});
