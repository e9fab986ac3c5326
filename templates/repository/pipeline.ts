import { count, definePipeline, entity, event, latest, metric, sum, uniques } from 'twinstream';
import { z } from 'zod';

const order = event(z.object({ id: z.string(), at: z.iso.datetime(), customer: z.string(), country: z.string(), cents: z.int() }), {
  time: 'at',
  subject: 'customer',
  id: 'id',
});

export default definePipeline({
  events: { order },
  metrics: {
    sales: metric(order, {
      window: '1m',
      dimensions: { country: order.country },
      measures: { orders: count(), cents: sum(order.cents), customers: uniques(order.customer) },
    }),
  },
  entities: {
    customer: entity(order, { key: order.customer, fields: { country: latest(order.country), orders: count() }, search: ['country'] }),
  },
});
