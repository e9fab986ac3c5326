import { startTwinstream } from '../../testing/testing.ts';
import type orders from '../support/orders.ts';
import { journey } from './journey.ts';

test("given a pipeline's file, then a host with threads does the same", async () => {
  await using app = await startTwinstream<typeof orders>(new URL('../support/orders.ts', import.meta.url));
  await journey(app, new Date());
});
