import {
  and,
  coalesce,
  count,
  decimal,
  definePipeline,
  entity,
  event,
  exists,
  gt,
  gte,
  hourOf,
  in_,
  latest,
  lower,
  max,
  mean,
  metric,
  not,
  sum,
  time,
  top,
  uniques,
  urlHost,
} from 'twinstream';
import { z } from 'zod';

const order = event(
  z.object({
    placedAt: time(),
    orderId: z.string(),
    status: z.enum(['placed', 'paid', 'cancelled']),
    price: decimal(2),
    shipping: decimal(2).optional(),
    items: z.int().min(1),
    weight: z.number().nullable(),
    coupon: z.string().nullish(),
    test: z.boolean().default(false),
    referrer: z.url().optional(),
    customer: z.object({ id: z.string(), email: z.email(), address: z.object({ country: z.string().length(2) }).optional() }),
  }),
  { time: 'placedAt', subject: 'orderId' },
);

export default definePipeline({
  events: { order },
  metrics: {
    sales: metric(order, {
      where: and(not(order.test), in_(order.status, ['placed', 'paid']), gte(order.price, 0.01)),
      dimensions: {
        country: coalesce(order.customer.address.country, 'unknown'),
        hour: hourOf(order.placedAt),
        site: urlHost(order.referrer),
      },
      measures: {
        orders: count(),
        turnover: sum(order.price),
        shipping: sum(coalesce(order.shipping, 0)),
        largest: max(order.price),
        weight: mean(order.weight, { scale: 3 }),
        customers: uniques(lower(order.customer.email)),
        coupons: top(order.coupon, { keep: 100 }),
      },
    }),
    free: metric(order, { where: and(exists(order.coupon), gt(order.shipping, order.price)), measures: { orders: count() } }),
  },
  entities: {
    customer: entity(order, {
      key: order.customer.id,
      fields: { email: latest(order.customer.email), country: latest(order.customer.address.country), orders: count(), spent: sum(order.price) },
      search: ['email'],
    }),
  },
});
