import pipeline from '../../examples/orders/pipeline.ts';
import { about, centsOf, counted, type Domain, distinctOf, generated, groups, largest, percentiles, sumOf, topOf } from './domain.ts';

interface Item {
  readonly sku: string;
  readonly price: number;
  readonly quantity: number;
}
interface Order {
  readonly id: string;
  readonly at: string;
  readonly customer: { readonly id: string; readonly country: string };
  readonly items: readonly Item[];
  readonly total: number;
  readonly coupon?: string;
}
const window = '2025-06-03T00:00:00.000Z';
const sales = (orders: readonly Order[]) => {
  const revenue = centsOf(orders, ({ total }) => total);
  return { window, orders: orders.length, revenue, basket: about(revenue / orders.length) };
};
const itemSales = (lines: readonly (Item & { readonly order: string })[]) => ({
  window,
  units: sumOf(lines, ({ quantity }) => quantity),
  revenue: centsOf(lines, ({ price, quantity }) => price * quantity),
  orders: counted(distinctOf(lines, ({ order }) => order)),
});
const SIZES = [0, 20, 50, 100];

export const orders: Domain<Order> = {
  name: 'orders',
  type: 'order',
  pipeline,
  events: generated('orders'),
  oracles: [
    (all) =>
      largest(
        groups(all, ({ customer }) => customer.country).map(([country, some]) => ({ ...sales(some), country })),
        ({ revenue }) => revenue,
      ),
    (all) => {
      const lines = all.flatMap(({ id, items }) => items.map((item) => ({ ...item, order: id })));
      const products = largest(
        groups(lines, ({ sku }) => sku),
        ([, some]) => itemSales(some).revenue,
      );
      const rest = products.slice(3).flatMap(([, some]) => some);
      const rows = [...products.slice(0, 3).map(([sku, some]) => ({ ...itemSales(some), sku })), { ...itemSales(rest), sku: null, other: true }];
      return largest(rows, ({ revenue }) => revenue);
    },
    (all) =>
      SIZES.map((size, i) => {
        const some = all.filter(({ total }) => total >= size && total < (SIZES[i + 1] ?? Number.POSITIVE_INFINITY));
        const coupons = some.flatMap(({ coupon }) => coupon ?? []);
        return {
          window,
          size,
          orders: some.length,
          totals: percentiles(
            some.map(({ total }) => total),
            50,
            90,
          ),
          couponShare: about(coupons.length / some.length),
          coupons: topOf(coupons),
        };
      }),
    (all) =>
      largest(
        groups(all, ({ customer }) => customer.id).map(([key, some]) => ({
          key,
          country: some[0]?.customer.country,
          orders: some.length,
          spent: centsOf(some, ({ total }) => total),
          largest: Math.max(...some.map(({ total }) => total)),
          lastOrder: some.at(-1)?.at,
        })),
        ({ spent }) => spent,
        3,
      ),
  ],
};
