import { z } from 'zod';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import {
  count,
  decimal,
  definePipeline,
  each,
  event,
  first,
  gt,
  latest,
  max,
  mean,
  metric,
  min,
  mul,
  quantiles,
  sum,
  top,
  uniques,
} from '../../shared/pipeline.ts';

const visit = event(
  z.object({ at: z.iso.datetime(), page: z.string(), country: z.string().nullish(), ms: z.int(), price: decimal(2).nullish(), load: z.number().nullish() }),
  { time: 'at', subject: 'page' },
);

/** What the stored files were made by. Changing it makes them unreadable, so it stays as it is; another one can stand beside it. */
export const pinnedPipeline = definePipeline({
  events: { visit },
  metrics: {
    visits: metric(visit, {
      buckets: 2,
      dimensions: { country: visit.country },
      measures: {
        visits: count(),
        spent: sum(visit.price),
        loads: sum(visit.load, { scale: 6 }),
        fastest: min(visit.ms),
        slowest: max(visit.ms),
        usual: mean(visit.ms),
        pages: uniques(visit.page),
        times: quantiles(visit.ms),
        favourites: top(visit.page),
        last: latest(visit.page),
        entry: first(visit.page),
      },
    }),
  },
});

const basket = event(
  z.object({
    at: z.iso.datetime(),
    country: z.string(),
    buyer: z.string().nullish(),
    total: decimal(2).nullish(),
    items: z.array(z.object({ sku: z.string(), price: decimal(2), quantity: z.int(), maker: z.object({ name: z.string() }).optional() })),
  }),
  { time: 'at' },
);
/** Metrics over the items of an array, and of values ranked by a sum. */
export const itemsPipeline = definePipeline({
  events: { basket },
  metrics: {
    items: metric(each(basket.items), {
      dimensions: { sku: basket.items.sku, maker: basket.items.maker.name, country: basket.country },
      measures: { items: count(), revenue: sum(mul(basket.items.price, basket.items.quantity)) },
      where: gt(basket.items.quantity, 0),
    }),
    best: metric(basket, { dimensions: { country: basket.country }, measures: { baskets: count(), spenders: top(basket.buyer, { by: sum(basket.total) }) } }),
  },
});

export const pinnedEvents: readonly StoredEvent[] = [
  { at: '2015-09-12T00:46:58.771Z', page: '/', country: 'DE', ms: 12, price: 19.99, load: 0.1 },
  { at: '2015-09-12T00:46:59.000Z', page: '/ü?q="😀"', country: 'DE', ms: 340, price: 0.01, load: 0.2 },
  { at: '2015-09-12T00:47:00.000Z', page: '/', country: null, ms: 0, price: null, load: -1.5 },
  { at: '2015-09-12T00:47:30.123Z', page: '', ms: 9_007_199_254_740_991, price: 22_517_998_136_852.47 },
  { at: '2015-09-12T00:47:30.123Z', page: '\ufeffbom', country: '', ms: -7, price: -3.33, load: 1e-9 },
  { at: '2015-09-12T00:47:59.999Z', page: 'line\nbreak', country: '', ms: 9_007_199_254_740_991, price: 22_517_998_136_852.47 },
].map((data, i) => ({ id: `id-${i}`, source: '/events/visit', type: 'visit', subject: data.page, time: data.at, data }));
