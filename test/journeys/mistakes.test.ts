import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { recompute } from '../support/sample.ts';
import { until } from '../support/until.ts';

// What people do wrong, and how they get out of it, on a real host.

const folder = temporaryFolder();
let host: Host;
afterEach(() => host?.kill());
afterAll(() => folder.remove());

const QUERY = '/metrics/sales?from=2026-11-01&to=2026-12-01&every=all';
const pipelineWith = (turnover: string) => `import { count, definePipeline, event, metric, sum } from 'twinstream';
import { z } from 'zod';
const sale = event(z.object({ at: z.iso.datetime(), price: z.int(), tax: z.int() }), { time: 'at' });
export default definePipeline({ events: { sale }, metrics: { sales: metric(sale, { window: '1h', measures: { sales: count(), turnover: ${turnover} } }) } });
`;
const [RIGHT, WRONG] = [pipelineWith('sum(sale.price)'), pipelineWith('sum(sale.tax)')];

/** Sales of 10 with a tax of 2, one an hour of the day, under ids of their own. */
const post = async (name: string, day: string, source: string | null, from: number, to: number) => {
  const events = Array.from({ length: to - from }, (_, i) => ({ at: `${day}T${String(from + i).padStart(2, '0')}:00:00.000Z`, price: 10, tax: 2 }));
  const cloud = events.map((data, i) => ({ specversion: '1.0', id: `${name}${from + i}`, source, type: 'sale', data }));
  const { status } =
    source === null
      ? await host.post('/events/sale', JSON.stringify(events), { 'idempotency-key': name })
      : await host.post('/events', JSON.stringify(cloud), { 'content-type': 'application/cloudevents-batch+json' });
  expect(status).toBe(202);
};
const row = async (): Promise<{ sales: number; turnover: number } | undefined> => {
  const { status, json } = await host.get<{ sales: number; turnover: number }>(QUERY);
  return status === 200 ? json.rows[0] : undefined;
};
const shows = (sales: number, turnover: number) =>
  until(async () => {
    const found = await row();
    return found?.sales === sales && found.turnover === turnover;
  });
const active = async () => (await host.get('/generations')).json.active;
const states = async () => (await host.get('/exclusions')).json.exclusions.map(({ id, state }) => `${id} ${state}`);

const withPipeline = async (run: (start: (pipeline: string) => Promise<void>) => Promise<void>): Promise<void> => {
  // Inside the repository, as a user's own file would be.
  const own = mkdtempSync(join(process.cwd(), 'test/journeys/.pipeline-'));
  const file = join(own, 'pipeline.ts');
  const dataDir = mkdtempSync(join(folder.path, 'data-'));
  try {
    await run(async (pipeline) => {
      if (host !== undefined) await host.stop();
      writeFileSync(file, pipeline);
      host = await startHost({ DATA_DIR: dataDir, SHARDS: '1', PIPELINE: file, EPOCH: '1s', RECOMPUTE_EVERY: '2s', LOG_LEVEL: 'warn' });
    });
  } finally {
    await host.kill();
    rmSync(own, { recursive: true, force: true });
  }
};

test('given a wrong definition that was deployed, when it is fixed, then all of history is right again, also what was posted meanwhile', () =>
  withPipeline(async (start) => {
    await start(RIGHT);
    await post('a', '2026-11-01', null, 0, 10);
    await recompute(host);
    await shows(10, 100);
    await start(WRONG);
    await post('b', '2026-11-01', null, 10, 15); // onto a day that has history
    await post('c', '2026-11-02', null, 0, 5);
    await shows(20, 40); // wrong, over all of history
    await recompute(host);
    await shows(20, 40);
    await start(RIGHT);
    await post('d', '2026-11-03', null, 0, 1);
    await shows(21, 210);
    const { drift } = await recompute(host);
    expect([await row(), drift]).toEqual([{ window: '2026-11-01T00:00:00.000Z', sales: 21, turnover: 210 }, 0]);
  }));

test('given events that were posted by mistake, then an exclusion takes them out, a bad one is rolled back by one call, and taking it back brings them back', () =>
  withPipeline(async (start) => {
    await start(RIGHT);
    await post('good', '2026-11-01', '/shop', 0, 10);
    await post('test', '2026-11-01', '/load-test', 0, 20);
    await recompute(host);
    await shows(30, 300);
    await post('late', '2026-11-02', '/load-test', 0, 3); // still in the speed layer
    await shows(33, 330);

    // Too much: somebody names the wrong source.
    const before = await active();
    const wrong = (await host.post('/exclusions', JSON.stringify({ source: '/shop', from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' }))).json;
    await until(async () => (await states())[0] === `${wrong.id} applied`);
    expect((await row())?.sales).toBe(23);
    // Taken back first, so that no run applies it again; then one call answers as before.
    expect((await fetch(`${host.url}/exclusions/${wrong.id}`, { method: 'DELETE' })).status).toBe(202);
    expect((await host.post(`/generations/${before}/activate`, '')).status).toBe(200);
    expect((await row())?.sales).toBe(33);
    await until(async () => (await states())[0] === `${wrong.id} undone`);
    expect(await row()).toMatchObject({ sales: 33, turnover: 330 });

    // The right one, for as long as the source goes on.
    const right = (
      await host.post(
        '/exclusions',
        JSON.stringify({ source: '/load-test', type: 'sale', from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', note: 'load test' }),
      )
    ).json;
    await until(async () => (await states())[0] === `${right.id} applied`);
    expect(await row()).toMatchObject({ sales: 10, turnover: 100 });
    await post('more', '2026-11-03', '/load-test', 0, 24);
    await post('last', '2026-11-03', '/shop', 0, 1);
    await shows(11, 110);
    expect((await recompute(host)).drift).toBe(0);
    expect(await row()).toMatchObject({ sales: 11, turnover: 110 });

    // A restart in between, and it is taken back.
    await start(RIGHT);
    await fetch(`${host.url}/exclusions/${right.id}`, { method: 'DELETE' });
    await until(async () => (await states())[0] === `${right.id} undone`);
    expect(await row()).toMatchObject({ sales: 58, turnover: 580 });
    const { generations } = (await host.get('/generations')).json;
    for (const { state, drift, id } of generations) expect([id, state, drift ?? 0]).toEqual([id, expect.stringMatching(/published|retired/), 0]);
  }));
