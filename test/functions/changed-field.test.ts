import { z } from 'zod';
import { count, definePipeline, each, event, metric, sum } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

// A field whose kind changes: a definition that reads the new kind takes all older values for none. That is counted, and said.

const TIME = '2026-11-21T09:00:00.000Z';
const early = event(z.object({ at: z.iso.datetime(), paid: z.boolean(), size: z.int(), note: z.string().nullable().optional() }), { time: 'at' });
const late = event(z.object({ at: z.iso.datetime(), paid: z.string(), size: z.int(), note: z.string().nullable().optional() }), { time: 'at' });
const before = definePipeline({
  events: { order: early },
  metrics: { orders: metric(early, { dimensions: { paid: early.paid }, measures: { orders: count(), size: sum(early.size) } }) },
});
const after = definePipeline({
  events: { order: late },
  metrics: {
    orders: metric(late, { dimensions: { paid: late.paid, note: late.note }, measures: { orders: count(), size: sum(late.size) } }),
    sizes: metric(late, { measures: { size: sum(late.size) } }),
  },
});

let world: System;
beforeEach(async () => {
  world = await system({ pipeline: before, shards: 2, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterEach(() => world.close());
const post = async (key: string, ...orders: readonly object[]) => {
  const { status } = await world.post('/events/order', JSON.stringify(orders.map((order) => ({ at: TIME, ...order }))), { 'idempotency-key': key });
  expect(status).toBe(202);
  await world.drain();
};
const unreadNow = async () => {
  const { body } = await world.get<{ name: string; unread?: object[] }>('/metrics', {});
  const { metrics } = body as unknown as { metrics: { name: string; unread?: object[] }[] };
  return Object.fromEntries(metrics.map(({ name, unread }) => [name, unread]));
};
const UNREAD = [{ field: 'paid', kind: 'text', events: 3 }];

test('given a boolean that is declared as text since, then GET /metrics and the generation that computed the history say how many events it no longer reads', async () => {
  await post('a', { paid: true, size: 1 }, { paid: false, size: 2, note: null });
  // A copy, which is one event.
  await post('a', { paid: true, size: 1 }, { paid: false, size: 2, note: null });
  await world.publish();
  await post('b', { paid: true, size: 3, note: 'x' });
  expect(await unreadNow()).toEqual({ orders: undefined });

  world.deploy(after, {});
  await post('c', { paid: 'no', size: 4 });
  const rebuilt = await world.publish();
  expect(rebuilt).toMatchObject({ state: 'published' });
  expect(await unreadNow()).toEqual({ orders: UNREAD, sizes: undefined });
  const said = async () =>
    (await world.get('/generations', {})).body.generations as unknown as { id: string; metrics: Record<string, { unread?: object[] }> }[];
  const unreadOf = async (id: string) => Object.values((await said()).find((one) => one.id === id)?.metrics ?? {}).map(({ unread }) => unread);
  expect(await unreadOf(rebuilt?.id ?? '')).toEqual([UNREAD, undefined]);

  // It stays said as long as the definition answers, also in the generations that go on from there, and in one made anew.
  await post('d', { paid: 'yes', size: 5 });
  const next = await world.publish();
  expect(await unreadOf(next?.id ?? '')).toEqual([undefined, undefined]);
  expect(await unreadNow()).toEqual({ orders: UNREAD, sizes: undefined });
  await world.post('/recompute', '{"repair":true}', { 'content-type': 'application/json' });
  await world.recompute();
  expect(await unreadNow()).toEqual({ orders: UNREAD, sizes: undefined });

  world.deploy(before, {});
  await world.publish();
  expect(await unreadNow()).toEqual({ orders: [{ field: 'paid', kind: 'boolean', events: 2 }] });
});

test('given fields of items, and items, of another kind than is declared since, then GET /metrics says how many items it no longer reads', async () => {
  await post('a', { paid: true, size: 1, lines: [{ sku: 1 }, { sku: 'a' }, null], codes: [1, 'a', null] });
  await post('b', { paid: true, size: 1, lines: 'none' });
  const made = event(z.object({ at: z.iso.datetime(), lines: z.array(z.object({ sku: z.string() })).optional(), codes: z.array(z.string()).optional() }), {
    time: 'at',
  });
  world.deploy(
    definePipeline({
      events: { order: made },
      metrics: {
        lines: metric(each(made.lines), { dimensions: { sku: made.lines.sku }, measures: { lines: count() } }),
        codes: metric(each(made.codes), { dimensions: { code: made.codes }, measures: { codes: count() } }),
      },
    }),
    {},
  );
  await world.publish();
  expect(await unreadNow()).toEqual({
    lines: [
      { field: 'lines', kind: 'array', events: 1 },
      { field: 'lines[].sku', kind: 'text', events: 1 },
    ],
    codes: [{ field: 'codes[]', kind: 'text', events: 1 }],
  });
  expect((await world.get('/metrics/lines?from=2026-11-21&to=2026-11-22&by=sku', {})).body.rows).toEqual([
    { window: '2026-11-21T00:00:00.000Z', sku: 'a', lines: 1 },
    { window: '2026-11-21T00:00:00.000Z', sku: null, lines: 1 },
  ]);
});
