import { type TestApp, TwinstreamError } from '../../testing/testing.ts';
import type orders from '../support/orders.ts';

/** What an app of either kind is to do, as a user's test has it. `at` is a time that it takes as now, or shortly before. */
export const journey = async (app: TestApp<typeof orders>, at: Date): Promise<void> => {
  const placedAt = new Date(at.getTime() - 60_000).toISOString();
  const order = {
    placedAt,
    status: 'paid' as const,
    shipping: 4.9,
    items: 1,
    weight: null,
    customer: { id: 'c1', email: 'a@example.com', address: { country: 'DE' } },
  };
  const send = (orderId: string, price: number) => app.send('order', { ...order, orderId, price });
  expect(await send('o1', 19.9)).toEqual({ accepted: 1, rejected: 0, errors: [] });
  expect(await app.send('order', [{ ...order, orderId: 'o2', price: 0.1 }])).toEqual({ accepted: 1, rejected: 0, errors: [] });

  // What was sent is in the very next answer.
  const question = { measures: ['orders', 'turnover', 'customers'], by: ['country'] } as const;
  const { rows } = await app.ask('sales', question);
  expect(rows).toEqual([{ window: expect.any(String), country: 'DE', orders: 2, turnover: 20, customers: 1 }]);

  // What is rejected is no surprise later on.
  const wrong = [
    { ...order, orderId: 'o3', price: 1 },
    { ...order, orderId: 'o4', price: 0.001 },
  ] as const;
  const refused: unknown = await app.send('order', wrong).catch((error) => error);
  expect(refused).toBeInstanceOf(TwinstreamError);
  expect(refused).toMatchObject({
    message: expect.stringMatching(/^Expected every event of type order to be accepted, 1 of 2 were rejected:\n {2}\[1\] price: /),
    status: 422,
  });
  expect(await app.send('order', wrong[1], { allowRejected: true })).toMatchObject({ accepted: 0, rejected: 1, errors: [{ index: 0, path: 'price' }] });

  expect(await app.entity('customer', 'c1')).toEqual({ email: 'a@example.com', country: 'DE', orders: 3, spent: 21 });
  expect(await app.entity('customer', 'nobody')).toBeNull();
  expect(await app.search('customer', { q: 'example.com' })).toMatchObject({ total: 1, hits: [{ key: 'c1', entity: { orders: 3 } }] });
  await expect(app.search('client')).rejects.toThrow(/GET \/entities\/client answered 404: There is no entity 'client'\. Expected one of customer\./);

  // Both layers give the same. The day that is asked for ends with the current minute, which may pass in between.
  const sales = [{ window: expect.any(String), country: 'DE', orders: 3, turnover: 21, customers: 1 }];
  const before = await app.ask('sales', question);
  expect(before.provenance.generation).toBeNull();
  expect(before.rows).toEqual(sales);
  expect(await app.recompute()).toEqual({ id: expect.stringMatching(/^g\d+$/), drift: 0 });
  const after = await app.ask('sales', question);
  expect(after.provenance.generation).toMatch(/^g\d+$/);
  expect(after.rows).toEqual(sales);
};
