import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Host, startHost } from '../../testing/host.ts';
import { random } from '../../testing/random.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
let host: Host | null = null;
afterEach(async () => {
  await host?.kill();
});
afterAll(() => folder.remove());

const ROOT = process.cwd();
const ORDERS = join(ROOT, 'test/support/orders.ts');

/** Orders whose prices do not add up in floating point. */
const orders = (count: number) => {
  const r = random(7);
  return Array.from({ length: count }, (_, i) => ({
    placedAt: new Date(Date.UTC(2026, 10, 1) + i * 60_000).toISOString(),
    orderId: `o${i}`,
    status: r.pick(['placed', 'paid', 'cancelled'] as const),
    price: r.integer(0, 99_999) / 100,
    ...(r.chance(0.5) ? { shipping: r.integer(0, 999) / 100 } : {}),
    items: r.integer(1, 9),
    weight: r.chance(0.2) ? null : r.integer(1, 9_999) / 1000,
    customer: {
      id: `c${r.integer(1, 40)}`,
      email: `C${r.integer(1, 40)}@Example.com`,
      ...(r.chance(0.7) ? { address: { country: r.pick(['DE', 'FR']) } } : {}),
    },
  }));
};
const cents = (x: number) => Math.round(x * 100);

test('given a pipeline of another domain, when orders are posted, then both layers add decimals exactly', async () => {
  host = await startHost({ DATA_DIR: join(folder.path, 'orders'), PIPELINE: ORDERS, EPOCH: '1s', RECOMPUTE_EVERY: '1h', SHARDS: '1', LOG_LEVEL: 'warn' });
  const all = orders(2_000);
  expect((await host.post('/events/order', JSON.stringify(all))).json).toEqual({ accepted: 2_000, rejected: 0, errors: [] });
  const counted = all.filter(({ status, price }) => status !== 'cancelled' && price >= 0.01);
  const expected = new Map<string, { orders: number; turnover: number; shipping: number; largest: number }>();
  for (const { customer, price, shipping } of counted) {
    const country = customer.address?.country ?? 'unknown';
    const sums = expected.get(country) ?? { orders: 0, turnover: 0, shipping: 0, largest: 0 };
    expected.set(country, {
      orders: sums.orders + 1,
      turnover: sums.turnover + cents(price),
      shipping: sums.shipping + cents(shipping ?? 0),
      largest: Math.max(sums.largest, price),
    });
  }
  const query = '/metrics/sales?from=2026-11-01&to=2026-11-08&every=all&by=country&order=country';
  type Sales = { country: string; orders: number; turnover: number; shipping: number; largest: number };
  const rows = await until(async () => {
    const { json } = await (host as Host).get<Sales>(query);
    return json.rows.reduce((sum, { orders: more }) => sum + more, 0) === counted.length ? json.rows : null;
  });
  expect(
    new Map(rows.map((row) => [row.country, { orders: row.orders, turnover: cents(row.turnover), shipping: cents(row.shipping), largest: row.largest }])),
  ).toEqual(expected);
  for (const row of rows) expect([row.turnover, row.shipping]).toEqual([cents(row.turnover) / 100, cents(row.shipping) / 100]);

  await host.post('/recompute', '');
  const after = await until(async () => {
    const { json } = await (host as Host).get(query);
    return json.provenance.windows.batch > 0 && json.provenance.windows.speed === 0 ? json : null;
  });
  expect(after.rows).toEqual(rows);
});

test('given history, when a metric is defined anew, then it says that it is rebuilt, then answers for all of the history, and the old definition still answers', async () => {
  // Inside the repository, as a user's own file would be.
  const own = mkdtempSync(join(ROOT, 'test/journeys/.pipeline-'));
  try {
    const file = join(own, 'pipeline.ts');
    copyFileSync(ORDERS, file);
    const env = { DATA_DIR: join(folder.path, 'changed'), PIPELINE: file, EPOCH: '1h', RECOMPUTE_EVERY: '1h', SHARDS: '1', LOG_LEVEL: 'warn' };
    host = await startHost(env);
    const all = orders(500).map((order) => ({ ...order, status: 'paid', price: 10 }));
    await host.post('/events/order', JSON.stringify(all));
    const query = '/metrics/sales?from=2026-11-01&to=2026-11-08&every=all&measures=orders';
    await until(async () => (await (host as Host).get(query)).json.rows[0]?.orders === 500);
    const { metrics } = (await host.get('/metrics')).json;
    const old = metrics.find(({ name }) => name === 'sales')?.definition;
    expect(await host.stop()).toBe(0);

    const changed = readFileSync(file, 'utf8').replace(
      'orders: count(),\n        turnover',
      'orders: count(),\n        pieces: sum(order.items),\n        turnover',
    );
    expect(changed).toContain('pieces');
    writeFileSync(file, changed);
    host = await startHost(env);
    const answer = await host.get(`${query},pieces`);
    expect([answer.status, answer.json.type]).toEqual([503, 'urn:twinstream:problem:rebuilding']);
    expect(answer.json.detail).toMatch(/rebuilding since \d{4}-/i);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    const since = /since (\S+Z):/.exec(answer.json.detail)?.[1] ?? '';
    expect(Date.parse(since)).toBeLessThanOrEqual(Date.now());
    expect((await host.get('/metrics')).json.earlier).toMatchObject([{ name: 'sales', definition: old }]);
    expect((await host.get(`${query}&definition=${old}`)).json.rows[0]?.orders).toBe(500);

    // Within seconds, however long an epoch is.
    const [row] = await until(async () => {
      const { status, json } = await (host as Host).get(`${query},pieces`);
      return status === 200 ? json.rows : null;
    });
    expect(row).toMatchObject({ orders: 500, pieces: all.reduce((sum, { items }) => sum + items, 0) });
    // It goes on counting, once.
    await host.post('/events/order', JSON.stringify(all.slice(0, 3).map((order) => ({ ...order, orderId: 'new' }))));
    await until(async () => (await (host as Host).get(query)).json.rows?.[0]?.orders === 503);
    // The old one ended with the generation that holds the new one; going back to an earlier generation brings it back.
    expect((await host.get(`${query}&definition=${old}`)).json).toMatchObject({ status: 404, detail: expect.stringContaining('GET /generations') });
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
});

test('given a pipeline that cannot work, then start says which metric, field and fix, and exits', async () => {
  const own = mkdtempSync(join(ROOT, 'test/journeys/.pipeline-'));
  try {
    const file = join(own, 'pipeline.ts');
    writeFileSync(file, readFileSync(ORDERS, 'utf8').replace('turnover: sum(order.price)', 'turnover: sum(order.coupon as never)'));
    const start = startHost({ DATA_DIR: join(folder.path, 'broken'), PIPELINE: file });
    await expect(start).rejects.toThrow(/DefinitionError: .*sales.*turnover.*coupon/s);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
});
