// Prints a day of page views: some 1,500 visits from searches, newsletters, ads and links.
import { draws, print } from '../generated-day.mjs';

const { chance, integer, pick, pickEarly, timeMs } = draws(20250603);
const SITE = 'https://shop.example';
const PAGES = ['/', '/shoes', '/shoes/trail-runner', '/bags', '/shoes/city-sneaker', '/bags/tote', '/about', '/blog/wash-your-shoes'];
/** Where visits come from, and how likely they are to order. */
const ORIGINS = [
  { referrer: 'https://www.google.com/', order: 0.04 },
  { order: 0.06 },
  { query: 'utm_source=newsletter&utm_medium=email&utm_campaign=summer', order: 0.12 },
  { query: 'utm_source=Google&utm_medium=cpc&utm_campaign=sneakers', referrer: 'https://www.google.com/', order: 0.05 },
  { query: 'utm_source=instagram&utm_medium=social&utm_campaign=summer', referrer: 'https://l.instagram.com/', order: 0.01 },
  { referrer: 'https://news.ycombinator.com/item?id=1', order: 0 },
];

const visits = Array.from({ length: 1_500 }, (_, i) => {
  const { query, referrer, order } = pickEarly(ORIGINS);
  const orders = chance(order);
  const pages = Array.from({ length: orders || chance(0.55) ? integer(2, 7) : 1 }, () => pickEarly(PAGES));
  if (orders) pages.push('/cart', '/checkout/thanks');
  const landing = `${SITE}${pages[0]}${query === undefined ? '' : `?${query}`}`;
  const visit = {
    visit: `v${i}`,
    visitor: `p${integer(1, 1_200)}`,
    landing,
    referrer,
    device: pickEarly(['mobile', 'desktop', 'tablet']),
    country: pick(['DE', 'FR', 'GB', 'US']),
  };
  let at = timeMs();
  return pages.map((path, n) => {
    const view = { id: `v${i}-${n + 1}`, at: new Date(at).toISOString(), page: n === 0 ? landing : SITE + path, number: n + 1, ...visit };
    at += integer(3_000, 90_000);
    return view;
  });
});
print(visits.flat(), ({ at }) => at);
