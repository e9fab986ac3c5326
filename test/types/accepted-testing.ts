// What must compile of a test. Every line is one that a user may write; the compiler is the test.
import { startTwinstream, type TestApp } from 'twinstream/testing';
import orders from '../support/orders.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

export const inThisProcess = async (): Promise<void> => {
  await using app = await startTwinstream(orders, { clock: Date.now });
  const order = { placedAt: '2026-11-21T10:00:00Z', orderId: 'o1', status: 'paid', price: 19.9, items: 1, weight: null } as const;
  const { accepted, errors } = await app.send('order', { ...order, customer: { id: 'c1', email: 'a@example.com' } });
  same<typeof accepted, number>(true);
  errors.map(({ index = 0, path = '', message }) => `${index} ${path} ${message}`);
  await app.send('order', [], { allowRejected: true });
  const { rows } = await app.ask('sales', { every: 'all', by: ['country'], measures: ['orders', 'turnover'] });
  same<(typeof rows)[number], { readonly window: string; readonly country: string | null; readonly orders: number; readonly turnover: number | null }>(true);
  const drift = (await app.recompute())?.drift;
  same<typeof drift, number | null | undefined>(true);
  const { hits } = await app.search('customer', { q: 'example', filter: { country: ['DE', 'FR'] }, order: '-orders', limit: 5 });
  hits.map(({ key, entity }) => [key, entity.orders]);
  const found = await app.entity('customer', 'c1');
  same<typeof found, Readonly<Record<string, unknown>> | null>(true);
};

export const onAHost = async (): Promise<TestApp<typeof orders>> => {
  const app = await startTwinstream<typeof orders>(new URL('./pipeline.ts', import.meta.url), { env: { SHARDS: '2' } });
  await app.settled();
  same<(typeof app)['url'], string>(true);
  await app.stop();
  return startTwinstream(orders);
};
