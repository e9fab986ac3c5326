// Prints a day of a tea shop's orders with their line items.
import { draws, print } from '../generated-day.mjs';

const { chance, integer, pick, pickEarly, timeMs } = draws(20250606);
const PRODUCTS = [
  { sku: 'sencha-100', category: 'tea', price: 8.9 },
  { sku: 'assam-250', category: 'tea', price: 12.5 },
  { sku: 'mug-blue', category: 'mugs', price: 14.95 },
  { sku: 'darjeeling-100', category: 'tea', price: 11.2 },
  { sku: 'teapot-1l', category: 'pots', price: 39 },
  { sku: 'mug-white', category: 'mugs', price: 12.95 },
  { sku: 'strainer', category: 'tools', price: 4.5 },
  { sku: 'matcha-30', category: 'tea', price: 24.9 },
];
const COUNTRIES = ['DE', 'AT', 'FR', 'NL', 'CH'];

const orders = Array.from({ length: 2_000 }, (_, i) => {
  const items = Array.from({ length: integer(1, 5) }, () => {
    const { sku, category, price } = pickEarly(PRODUCTS);
    return { sku, category, price, quantity: chance(0.3) ? integer(2, 6) : 1 };
  });
  const customer = integer(1, 1_400);
  const goods = items.reduce((cents, { price, quantity }) => cents + Math.round(price * 100) * quantity, 0);
  const shipping = goods >= 5_000 ? 0 : 490;
  const atMs = timeMs();
  return {
    id: `o${i}`,
    at: new Date(atMs).toISOString(),
    customer: { id: `c${customer}`, country: COUNTRIES[customer % 7] ?? 'DE' },
    items,
    shipping: shipping / 100,
    total: (goods + shipping) / 100,
    coupon: chance(0.15) ? pick(['WELCOME', 'JUNE']) : undefined,
  };
});
print(orders, ({ at }) => at);
