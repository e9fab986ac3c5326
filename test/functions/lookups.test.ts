import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseTable } from '../../shared/lookups/parse-table.ts';
import { lookupsByTable, publisher } from '../../shared/lookups/publish.ts';
import { count, decimal, definePipeline, each, eq, event, lookup, metric, mul, sum } from '../../shared/pipeline.ts';
import { tableKey } from '../../shared/storage/lake.ts';
import { type System, system } from '../support/system.ts';

const order = event(
  z.object({
    id: z.string(),
    at: z.iso.datetime(),
    sku: z.string().optional(),
    shop: z.int(),
    n: z.int(),
    lines: z.array(z.object({ sku: z.string(), n: z.int() })).optional(),
  }),
  { time: 'at', id: 'id' },
);
const product = lookup('product', { key: order.sku, fields: z.object({ kind: z.string(), price: decimal(2), isFood: z.boolean(), stock: z.int() }) });
const line = lookup('product', { key: order.lines.sku, fields: z.object({ kind: z.string(), price: decimal(2) }) });
const pipeline = definePipeline({
  events: { order },
  metrics: {
    orders: metric(order, {
      dimensions: { kind: product.kind, owner: lookup('shop', { key: order.shop }) },
      measures: { orders: count(), takings: sum(mul(product.price, order.n)), stock: sum(product.stock) },
    }),
    lines: metric(each(order.lines), { dimensions: { kind: line.kind }, measures: { lines: count(), takings: sum(mul(line.price, order.lines.n)) } }),
    food: metric(order, { where: eq(product.isFood, true), measures: { orders: count() } }),
  },
});
const NOW = Date.parse('2026-11-21T10:00:30.000Z');
const DAY_1 = '2026-11-19T09:00:00.000Z';
const DAY_2 = '2026-11-20T09:00:00.000Z';
const TODAY = '2026-11-21T10:00:00.000Z';
const CSV = { 'content-type': 'text/csv' };
const PRODUCTS = 'sku,kind,price,isFood,stock\ntea,drink,1.50,true,7\ncup,thing,9.99,false,\n';
const DEARER = PRODUCTS.replace('1.50', '2.50').replace('thing', 'ware');

let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 2, startMs: NOW });
});
afterEach(() => world.close());

const post = async (...events: readonly (readonly [id: string, at: string, sku: string | null])[]) => {
  const lines = events.map(([id, at, sku]) => JSON.stringify({ id, at, n: 2, shop: id.length, ...(sku === null ? {} : { sku }) }));
  expect((await world.post('/events/order', lines.join('\n'), { 'content-type': 'application/x-ndjson' })).status).toBe(202);
  await world.drain();
};
const put = (table: string, csv: string, parameters = '') => world.post(`/lookups/${table}${parameters}`, csv, CSV);
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
const states = async () => (await world.get('/lookups', {})).body.versions.map(({ id, state }) => `${id} ${state}`);
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

const problemOf = async (...[table, csv, parameters]: Parameters<typeof put>) => {
  const { status, body } = await put(table, csv, parameters);
  return [status, body.detail, ...(body.errors ?? []).map(({ index, path, message }) => `${index} ${path} ${message}`)];
};
test.each([
  ['an odd name', 'pro%20duct', PRODUCTS, '', [400, expect.stringContaining("got 'pro duct'")]],
  ['no key', 'product', 'kind\ntea\n', '', [400, expect.stringContaining('2 to 64 columns')]],
  ['a missing column', 'product', 'sku,kind,price,isFood\n', '', [400, expect.stringContaining("Expected a column 'stock'")]],
  ['a column twice', 'shop', 'id,value,value\n', '', [400, expect.stringContaining("got 'value' again")]],
  ['an odd column', 'shop', 'id,value,"a""b"\n', '', [400, expect.stringContaining('without quotes')]],
  ['no rows', 'shop', 'id,value\n', '', [400, expect.stringContaining('Expected rows after the line of names, got none')]],
  ['no CSV', 'shop', 'id,value\n1,"a', '', [400, expect.stringContaining('Expected CSV')]],
  ['a bad time', 'shop', 'id,value\n', '?validFrom=yesterday', [400, expect.stringContaining('validFrom')]],
  ['an unknown parameter', 'shop', 'id,value\n', '?from=2026-01-01', [400, expect.stringContaining("got 'from'")]],
  ['a large table', 'shop', `id,value\n1,${'x'.repeat(4_194_304)}\n`, '', [413, expect.stringContaining('Leave out columns and rows')]],
  [
    'wrong cells',
    'product',
    'sku,kind,price,isFood,stock\ntea,drink,1.555,yes,1.5\ntea,,,,\n,,,,\n',
    '',
    [
      422,
      '5 cells are wrong. Correct them and send the whole table again.',
      "0 price Expected decimal(2) as the pipeline says, got '1.555'",
      "0 isFood Expected boolean as the pipeline says, got 'yes'",
      "0 stock Expected integer as the pipeline says, got '1.5'",
      "1 sku Expected each key once, got 'tea' again",
      '2 sku Expected a key of 1 to 1024 bytes, got 0',
    ],
  ],
  ['a key that is no number', 'shop', 'id,value\n01,a\n', '', [422, expect.any(String), "0 id Expected an integer as the pipeline says, got '01'"]],
])('given %s, then it is refused, with what to do', async (_, table, csv, parameters, expected) => {
  expect(await problemOf(table, csv, parameters)).toEqual(expected);
  expect(await states()).toEqual([]);
});

const filesOf = async (day: string) => {
  const keys: string[] = [];
  for await (const { key } of world.lake.list('views/', '')) if (key.includes(`window_day=${day}`)) keys.push(key);
  return keys;
};
