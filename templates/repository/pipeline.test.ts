import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTwinstream } from 'twinstream/testing';
import pipeline from './pipeline.ts';

test('sales are counted by country', async () => {
  await using app = await startTwinstream(pipeline, { clock: () => Date.parse('2026-11-02T12:00:00Z') });
  const order = { id: 'o-1', at: '2026-11-02T09:14:00Z', customer: 'ada', country: 'GB', cents: 1250 };
  await app.send('order', [order, { ...order, id: 'o-2', cents: 499 }, { ...order, id: 'o-3', country: 'DE' }]);
  const { rows } = await app.ask('sales', { by: ['country'], measures: ['orders', 'cents'], order: '-orders' });
  assert.deepEqual(
    rows.map(({ country, orders, cents }) => [country, orders, cents]),
    [
      ['GB', 2, 1749],
      ['DE', 1, 1250],
    ],
  );
});
