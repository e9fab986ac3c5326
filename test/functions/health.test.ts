import { z } from 'zod';
import { query } from '../../functions/query.ts';
import { count, definePipeline, entity, event, latest, metric } from '../../shared/pipeline.ts';
import { pointerKey } from '../../shared/storage/keys.ts';
import { httpRequest } from '../support/http-request.ts';
import { type System, system } from '../support/system.ts';
import { parseExposition, sampleOf } from '../watch/exposition.ts';

// What /health says of each part, and GET /metrics of every metric: one truth, looked up once.

const SCHEDULE = { rejected: null, epochLengthMs: 60_000, heartbeatEveryMs: 10_000, recomputeEveryMs: 300_000 };
const hit = event(z.object({ at: z.iso.datetime(), page: z.string() }), { time: 'at' });
const pipeline = definePipeline({
  events: { hit },
  metrics: { hits: metric(hit, { measures: { hits: count() } }), pages: metric(hit, { dimensions: { page: hit.page }, measures: { hits: count() } }) },
  entities: { page: entity(hit, { key: hit.page, fields: { title: latest(hit.page) }, search: ['title'] }) },
});
let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterEach(() => world.close());
const post = async (page: string) => {
  await world.post('/events/hit', JSON.stringify({ at: '2026-11-21T09:00:00.000Z', page }), {});
};
const parts = async () => (await world.get('/health', {})).body.parts;

test('given an older generation that was activated, then health says the horizon that answers use, and the archive’s beside it', async () => {
  for (const name of ['a', 'b']) {
    await post(name);
    await world.drain();
    await world.publish();
  }
  const seen = async () => {
    const { batch, archive } = await parts();
    const { provenance } = (await world.get('/metrics/hits?from=2026-11-20&to=2026-11-22', {})).body;
    return [batch?.generation, batch?.horizon, archive?.horizon, provenance.horizon];
  };
  const [first, second] = ['2026-11-21T10:01:00.000Z', '2026-11-21T10:02:00.000Z'];
  expect(await seen()).toEqual(['g000002', second, second, second]);
  await world.post('/generations/g000001/activate', '', {});
  expect(await seen()).toEqual(['g000001', first, second, first]);
});

test('given shards of which one lags, then health has the lag of each, and names the slowest; the horizon is held back only once it is late', async () => {
  await world.close();
  world = await system({ pipeline, shards: 2, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
  await world.heartbeat();
  await world.drain();
  world.advance(60_000);
  const [first, second] = (await world.log.shards()).map(({ id }) => id);
  await world.heartbeat();
  const records = await world.waiting('archive', first ?? '');
  await world.functions().archive({ shard: first ?? '', records });
  const early = (await parts()).archive;
  expect([early?.shards, early?.slowest, early?.heldBackBy]).toEqual([
    [
      { shard: first, through: '2026-11-21T10:01:30.000Z', lagMs: 0 },
      { shard: second, through: '2026-11-21T10:00:30.000Z', lagMs: 60_000 },
    ],
    second,
    null,
  ]);
  world.advance(150_000);
  expect([(await parts()).archive?.heldBackBy, (await parts()).speed?.shards]).toEqual([
    second,
    [expect.objectContaining({ lagMs: 210_000 }), expect.anything()],
  ]);
});

test('given entities and a search index that are behind, then health and figures say by how much', async () => {
  await post('a');
  await world.drain();
  world.advance(90_000);
  expect((await parts()).entities).toMatchObject({ status: 'ok', through: null, lagMs: null });
  await world.materialize();
  await post('b');
  world.advance(30_000);
  await world.materialize();
  expect(await parts()).toMatchObject({ entities: { lagMs: 30_000 }, search: { status: 'ok', changes: 2, lagMs: 30_000 } });
  const lags = async () => {
    const families = parseExposition((await world.get('/stats', {})).text);
    return ['records', 'seconds'].map((figure) => sampleOf(families, `twinstream_lag_${figure}`, { consumer: 'index-entities', shard: 'changes' }));
  };
  expect(await lags()).toEqual([2, 30]);
  await world.index();
  expect([(await parts()).search, await lags()]).toEqual([{ status: 'ok', changes: 0, lagMs: 0 }, [0, 0]]);
});

test('given GET /metrics, then the state of the layers is read once for all metrics', async () => {
  let pointers = 0;
  const get: System['store']['get'] = (keys) => {
    pointers += keys.filter(({ partition, sort }) => partition === pointerKey.partition && sort === pointerKey.sort).length;
    return world.store.get(keys);
  };
  await post('a');
  await world.drain();
  await world.publish();
  world.deploy(pipeline, { store: { ...world.store, get } });
  const { metrics } = (await world.get('/metrics', {})).body;
  expect([metrics.map(({ name, ready }) => [name, ready]), pointers]).toEqual([
    [
      ['hits', true],
      ['pages', true],
    ],
    1,
  ]);
});

test('given a platform whose reads are billed, then many calls of /health read the stores once in five seconds, and list the shards once and no file', async () => {
  const calls: string[] = [];
  const noted = <P extends object>(name: string, port: P): P =>
    new Proxy(port, {
      get: (target, key) => {
        const value = Reflect.get(target, key) as unknown;
        if (typeof value !== 'function') return value;
        return (...asked: readonly unknown[]) => {
          calls.push(`${name}.${String(key)}`);
          return value.apply(target, asked) as unknown;
        };
      },
    });
  const { parts, clock } = world;
  const ports = { store: noted('store', parts.store), lake: noted('lake', parts.lake), log: noted('log', parts.log) };
  const ask = query({
    pipeline,
    telemetry: parts.telemetry,
    clock,
    cellsKeptMs: null,
    room: null,
    indexLag: null,
    healthKept: { reportMs: 5_000, filesMs: 600_000 },
    ...SCHEDULE,
    ...ports,
  });
  const get = async () => {
    const { status, body } = await ask(httpRequest('GET /health', {}));
    return [status, (JSON.parse(String(body)) as { status: string }).status];
  };
  await post('a');
  await world.drain();
  await world.publish();
  expect(await get()).toEqual([200, 'ok']);
  const first = calls.splice(0);
  expect([first.filter((name) => name === 'log.shards').length, first.length < 20]).toEqual([1, true]);
  for (let i = 0; i < 100; i++) await get();
  world.advance(4_999);
  await get();
  expect(calls).toEqual([]);
  world.advance(1);
  expect(await get()).toEqual([200, 'ok']);
  expect([calls.includes('lake.list'), calls.filter((name) => name.startsWith('lake.')).length]).toEqual([false, 1]);
});

test('given a lake that cannot be read, then its part is down', async () => {
  world.deploy(pipeline, { lake: { ...world.parts.lake, get: () => Promise.reject(new Error('AccessDenied')) } });
  const { status, body } = await world.get('/health', {});
  expect([status, body.parts.lake?.status]).toEqual([503, 'down']);
});
