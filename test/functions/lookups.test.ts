import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTable } from '../../shared/lookups/parse-table.ts';
import { lookupsByTable, publisher } from '../../shared/lookups/publish.ts';
import { tableKey } from '../../shared/storage/lake.ts';
import type { System } from '../support/system.ts';
import { PRODUCTS, pipeline, put, states, world } from './lookups-world.ts';

const DAY_1 = '2026-11-19T09:00:00.000Z';
const DAY_2 = '2026-11-20T09:00:00.000Z';
const TODAY = '2026-11-21T10:00:00.000Z';
const DEARER = PRODUCTS.replace('1.50', '2.50').replace('thing', 'ware');

const post = async (...events: readonly (readonly [id: string, at: string, sku: string | null])[]) => {
  const lines = events.map(([id, at, sku]) => JSON.stringify({ id, at, n: 2, shop: id.length, ...(sku === null ? {} : { sku }) }));
  expect((await world.post('/events/order', lines.join('\n'), { 'content-type': 'application/x-ndjson' })).status).toBe(202);
  await world.drain();
};
const RANGE = 'from=2026-11-01&to=2026-12-01';
const rows = async (by = 'kind', every = 'all') => {
  const { body } = await world.get(`/metrics/orders?${RANGE}&every=${every}&by=${by}&order=${by.split(',')[0]}`, {});
  return body.rows.map(({ window, orders, takings, stock, complete: _, ...keys }) => [
    ...(every === 'all' ? [] : [String(window).slice(0, 10)]),
    ...Object.values(keys),
    orders,
    takings,
    stock,
  ]);
};
const food = async () => (await world.get(`/metrics/food?${RANGE}`, {})).body.rows[0]?.orders;
const driftOf = ({ drift }: NonNullable<Awaited<ReturnType<System['publish']>>>) => Object.values(drift).map((one) => one.drift);

test('given a table, then events are looked up in it, live and in batch alike, and a key without a row is null', async () => {
  const reply = await put('product', PRODUCTS);
  expect(reply).toMatchObject({
    status: 202,
    body: { id: 'v000001', table: 'product', state: 'pending', validFrom: null, rows: 2, columns: ['kind', 'price', 'isFood', 'stock'], generation: 'g000001' },
  });
  await put('shop', 'id,value\n1,Ann\n2,Bob\n');
  await post(['a', DAY_1, 'tea'], ['bb', DAY_2, 'cup'], ['c', DAY_2, 'tea'], ['d', DAY_2, 'pen'], ['e', TODAY, null]);
  const expected = [
    ['drink', 2, 6, 14],
    ['thing', 1, 19.98, null],
    [null, 2, null, null],
  ];
  expect([await rows(), await food()]).toEqual([expected, 2]);
  expect((await rows('owner')).map(([owner, orders]) => [owner, orders])).toEqual([
    ['Ann', 4],
    ['Bob', 1],
  ]);
  const generation = await world.publish();
  expect(generation).toMatchObject({ state: 'published', counts: { lines: 5 } });
  expect(driftOf(generation as never)).toEqual([0, 0, 0]);
  expect([await rows(), await food(), await states()]).toEqual([expected, 2, ['v000002 applied', 'v000001 applied']]);
  expect(world.errors).toEqual([]);
});

test('given the items of an array, then each is looked up by its own key', async () => {
  await put('product', PRODUCTS);
  const lines = [
    { sku: 'tea', n: 2 },
    { sku: 'cup', n: 1 },
    { sku: 'tea', n: 1 },
    { sku: 'pen', n: 9 },
  ];
  await world.post('/events/order', JSON.stringify({ id: 'a', at: DAY_1, shop: 1, n: 1, lines }), { 'content-type': 'application/json' });
  await world.drain();
  const answer = async () =>
    (await world.get(`/metrics/lines?${RANGE}&by=kind&order=kind`, {})).body.rows.map(({ kind, lines: n, takings }) => [kind, n, takings]);
  const expected = [
    ['drink', 2, 4.5],
    ['thing', 1, 9.99],
    [null, 1, null],
  ];
  expect(await answer()).toEqual(expected);
  await world.publish();
  expect(await answer()).toEqual(expected);
});

test('given a first version after the events, then it holds for all of them once the next generation is there', async () => {
  await post(['a', DAY_1, 'tea'], ['b', DAY_2, 'cup']);
  expect(await rows()).toEqual([[null, 2, null, null]]);
  await world.publish();
  await put('product', PRODUCTS);
  expect(await states()).toEqual(['v000001 pending']);
  await post(['c', TODAY, 'tea']);
  expect(await rows()).toEqual([
    ['drink', 1, 3, 7],
    [null, 2, null, null],
  ]);
  expect(driftOf((await world.publish()) as never)).toEqual([0, 0, null]);
  expect(await rows()).toEqual([
    ['drink', 2, 6, 14],
    ['thing', 1, 19.98, null],
  ]);
  expect(driftOf((await world.publish()) ?? ({ drift: {} } as never))).toEqual([]);
});

test('given a version from now on, then events keep what held at their own time, and one with a past validity corrects the days that it touches', async () => {
  await put('product', PRODUCTS);
  await post(['a', DAY_1, 'tea'], ['b', DAY_2, 'tea']);
  await world.publish();
  const before = await filesOf('2026-11-19');
  world.advance(60_000);
  expect((await put('product', DEARER)).body).toMatchObject({ id: 'v000002', validFrom: '2026-11-21T10:02:30.000Z' });
  await post(['c', '2026-11-21T10:02:29.999Z', 'tea'], ['d', '2026-11-21T10:02:30.000Z', 'tea'], ['e', DAY_1, 'cup']);
  const both = [
    ['drink', 4, 14, 28],
    ['thing', 1, 19.98, null],
  ];
  expect(await rows()).toEqual(both);
  await world.publish();
  expect(await rows()).toEqual(both);

  expect((await put('product', DEARER, '?validFrom=2026-11-20T00:00:00Z&note=typing%20error')).body).toMatchObject({ id: 'v000003', note: 'typing error' });
  expect(await world.publish()).toMatchObject({ state: 'published', counts: { lines: 0 } });
  expect(await rows('kind', '1d')).toEqual([
    ['2026-11-19', 'drink', 1, 3, 7],
    ['2026-11-20', 'drink', 1, 5, 7],
    ['2026-11-21', 'drink', 2, 10, 14],
    ['2026-11-19', 'thing', 1, 19.98, null],
  ]);
  expect(before.length).toBeGreaterThan(0);

  expect((await world.call('DELETE', '/lookups/product/v000003', null, {})).body).toMatchObject({ state: 'undoing', undoneAt: expect.any(String) });
  await world.publish();
  expect([await rows(), await states()]).toEqual([both, ['v000003 undone', 'v000002 applied', 'v000001 applied']]);
  expect((await world.call('DELETE', '/lookups/product/v000003', null, {})).status).toBe(202);
  expect(await world.recompute()).toBeNull();
  expect(world.errors).toEqual([]);
});

test('given a table that cannot be read, then its events and the batch layer wait for it, and are never without it', async () => {
  const { sha256 } = (await put('product', PRODUCTS)).body as unknown as { sha256: string };
  const file = join(world.root, 'lake', tableKey(sha256));
  await rm(file);
  await world.post('/events/order', JSON.stringify({ id: 'a', at: DAY_1, sku: 'tea', shop: 1, n: 2 }), { 'content-type': 'application/json' });
  await expect(world.drain()).rejects.toThrow('Put the same table again');
  await world.archive();
  world.advance(60_000);
  await world.heartbeat();
  await world.archive();
  expect((await world.recompute())?.error).toMatch(/Expected the rows of lookup 'product' in lookups\/sha256=.*found nothing/);
  expect((await put('product', PRODUCTS)).status).toBe(200);
  await world.drain();
  expect(await rows()).toEqual([['drink', 1, 3, 7]]);
  expect(await world.recompute()).toMatchObject({ state: 'published' });
  expect(await rows()).toEqual([['drink', 1, 3, 7]]);
});

test('given a correction whose call ended before it could request a generation, then the next run makes one, though no time has passed', async () => {
  await put('product', PRODUCTS);
  await post(['a', DAY_1, 'tea']);
  await world.publish();
  expect(await world.recompute()).toBeNull();
  await publisher(world.ports()).put('product', parseTable(Buffer.from(DEARER), lookupsByTable(pipeline).get('product') ?? []), '', null);
  expect(await states()).toEqual(['v000002 pending', 'v000001 applied']);
  expect(await world.recompute()).toMatchObject({ state: 'published' });
  expect([await rows(), await states()]).toEqual([[['drink', 1, 5, 7]], ['v000002 applied', 'v000001 applied']]);
});

test('given the same table again, or an announcement that reached only some shards, then nothing changes, and heartbeats complete it', async () => {
  await put('product', PRODUCTS);
  expect(await put('product', `${PRODUCTS.replace('\n', '\r\n')}`)).toMatchObject({ status: 200, body: { id: 'v000001' } });
  let calls = 0;
  world.deploy(pipeline, {
    log: {
      ...world.log,
      appendToShards: async () => {
        calls++;
        throw new Error('cut off');
      },
    } as never,
  });
  expect((await put('product', DEARER)).status).toBe(202);
  expect(calls).toBe(1);
  world.deploy(pipeline, {});
  const late = ['d', '2026-11-21T10:01:40.000Z', 'cup'] as const;
  await world.heartbeat();
  world.advance(90_000);
  await post(late);
  expect(await rows()).toEqual([['ware', 1, 19.98, null]]);
});

const filesOf = async (day: string) => {
  const keys: string[] = [];
  for await (const { key } of world.lake.list('views/', '')) if (key.includes(`window_day=${day}`)) keys.push(key);
  return keys;
};
