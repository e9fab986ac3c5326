import { z } from 'zod';
import { count, decimal, definePipeline, each, eq, event, lookup, metric, mul, sum } from '../../shared/pipeline.ts';
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
export const pipeline = definePipeline({
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
export const PRODUCTS = 'sku,kind,price,isFood,stock\ntea,drink,1.50,true,7\ncup,thing,9.99,false,\n';

export let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 2, startMs: NOW });
});
afterEach(() => world.close());

export const put = (table: string, csv: string, parameters = '') => world.post(`/lookups/${table}${parameters}`, csv, { 'content-type': 'text/csv' });
export const states = async () => (await world.get('/lookups', {})).body.versions.map(({ id, state }) => `${id} ${state}`);
