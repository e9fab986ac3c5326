import {
  bucket,
  count,
  decimal,
  definePipeline,
  distinct,
  each,
  entity,
  event,
  exists,
  latest,
  max,
  metric,
  mul,
  quantiles,
  ratio,
  sum,
  time,
  top,
} from 'twinstream';
import { z } from 'zod';

const item = z.object({ sku: z.string(), category: z.string(), price: decimal(2), quantity: z.int().min(1) });
const order = event(
  z.object({
    id: z.string(),
    at: time(),
    customer: z.object({ id: z.string(), country: z.string().length(2) }),
    items: z.array(item).min(1),
    shipping: decimal(2),
    /** What the customer pays, shipping included. */
    total: decimal(2),
    coupon: z.string().optional(),
  }),
  { time: 'at', id: 'id', subject: 'id' },
);

export default definePipeline({
  events: { order },
  metrics: {
    orders: metric(order, {
      window: '15m',
      dimensions: { country: order.customer.country, size: bucket(order.total, [0, 20, 50, 100]) },
      measures: {
        orders: count(),
        revenue: sum(order.total),
        shipping: sum(order.shipping),
        customers: distinct(order.customer.id),
        largest: max(order.total),
        totals: quantiles(order.total, { p: [50, 90] }),
        withCoupon: count({ where: exists(order.coupon) }),
        coupons: top(order.coupon),
      },
      formulas: { basket: ratio('revenue', 'orders'), perCustomer: ratio('revenue', 'customers'), couponShare: ratio('withCoupon', 'orders') },
    }),
    items: metric(each(order.items), {
      window: '15m',
      dimensions: { sku: order.items.sku, category: order.items.category, country: order.customer.country },
      measures: {
        lines: count(),
        units: sum(order.items.quantity),
        revenue: sum(mul(order.items.price, order.items.quantity)),
        orders: distinct(order.id),
      },
      formulas: { price: ratio('revenue', 'units'), unitsPerOrder: ratio('units', 'orders') },
    }),
  },
  entities: {
    customer: entity(order, {
      key: order.customer.id,
      fields: { country: latest(order.customer.country), orders: count(), spent: sum(order.total), largest: max(order.total), lastOrder: latest(order.at) },
      search: ['country'],
    }),
  },
});
