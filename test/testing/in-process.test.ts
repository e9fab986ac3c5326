import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { z } from 'zod';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { startTwinstream } from '../../testing/testing.ts';
import orders from '../support/orders.ts';
import { journey } from './journey.ts';

const NOW = new Date('2026-11-21T10:00:00Z');
const clock = () => NOW.getTime();

const visit = event(z.object({ at: z.iso.datetime(), page: z.string(), seconds: z.int() }), { time: 'at' });
const visits = definePipeline({
  events: { visit },
  metrics: { visits: metric(visit, { dimensions: { page: visit.page }, measures: { visits: count(), seconds: sum(visit.seconds) } }) },
});
const VISIT = { at: '2026-11-21T09:59:00Z', page: '/', seconds: 3 };

test('given a pipeline, then a test sends, asks, searches and recomputes', async () => {
  await using app = await startTwinstream(orders, { clock });
  await journey(app, NOW);
});

test('given a clock, then it is the time of everything', async () => {
  let now = NOW.getTime();
  await using app = await startTwinstream(visits, { clock: () => now });
  await app.send('visit', VISIT);
  expect(await app.ask('visits')).toMatchObject({ from: '2026-11-20T10:00:00.000Z', to: '2026-11-21T10:00:00.000Z', rows: [{ visits: 1 }] });
  now += 86_400_000;
  expect(await app.ask('visits')).toMatchObject({ from: '2026-11-21T10:00:00.000Z', rows: [{ visits: 0 }] });
});

test('given several, then each has its own events', async () => {
  await using one = await startTwinstream(visits, { clock });
  await using two = await startTwinstream(visits, { clock });
  await Promise.all([one.send('visit', VISIT), two.send('visit', [VISIT, VISIT])]);
  expect((await one.ask('visits')).rows).toMatchObject([{ visits: 1 }]);
  expect((await two.ask('visits')).rows).toMatchObject([{ visits: 2 }]);
});

test('given more events than a request takes, then all are sent, and each rejection names its own', async () => {
  await using app = await startTwinstream(visits, { clock });
  const events = Array.from({ length: 2_500 }, (_, i) => (i === 2_400 ? { ...VISIT, seconds: 0.5 } : VISIT));
  expect(await app.send('visit', events, { allowRejected: true })).toMatchObject({ accepted: 2_499, rejected: 1, errors: [{ index: 2_400, path: 'seconds' }] });
  expect((await app.ask('visits', { measures: ['visits'] })).rows).toMatchObject([{ visits: 2_499 }]);
});

test('given code that sends and asks on its own, then nothing shows until it is settled, and all does then', async () => {
  await using app = await startTwinstream(visits, { clock });
  const shown = async (): Promise<unknown> => (await (await fetch(`${app.url}/metrics/visits?every=all`)).json()) as unknown;
  await fetch(`${app.url}/events/visit`, { method: 'POST', body: JSON.stringify(VISIT), headers: { 'content-type': 'application/json' } });
  expect(await shown()).toMatchObject({ rows: [{ visits: 0 }] });
  await app.settled();
  expect(await shown()).toMatchObject({ rows: [{ visits: 1 }] });
});

test('given nothing new, then a recompute publishes nothing', async () => {
  await using app = await startTwinstream(visits, { clock });
  await app.send('visit', VISIT);
  expect(await app.recompute()).toMatchObject({ drift: 0 });
  expect(await app.recompute()).toBeNull();
});

test('when it is stopped, then its folder is gone, and it answers no more', async () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('twinstream-'));
  const before = folders();
  const app = await startTwinstream(visits, { clock });
  const [own = ''] = folders().filter((name) => !before.includes(name) && existsSync(`${tmpdir()}/${name}/log.db`));
  await app.send('visit', VISIT);
  await app.stop();
  await app.stop();
  expect([own === '', existsSync(`${tmpdir()}/${own}`)]).toEqual([false, false]);
  await expect(fetch(`${app.url}/health`)).rejects.toThrow();
});
