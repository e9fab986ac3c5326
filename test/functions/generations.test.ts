import { z } from 'zod';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { httpRequest } from '../support/http-request.ts';
import { EPOCH_MS, type System, system } from '../support/system.ts';

const hit = () => event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const pipelineOf = (window: '1m' | '5m') => {
  const one = hit();
  return definePipeline({ events: { hit: one }, metrics: { hits: metric(one, { window, measures: { hits: count(), n: sum(one.n) } }) } });
};
const [before, after] = [pipelineOf('1m'), pipelineOf('5m')];
const NOW = Date.parse('2026-11-21T10:00:30.000Z');
const QUERY = '/metrics/hits?from=2026-11-20&to=2026-11-22';

let world: System;
beforeEach(async () => {
  world = await system({ pipeline: before, shards: 2, startMs: NOW });
});
afterEach(() => world.close());
const post = async (key: string, ...numbers: readonly number[]) => {
  await world.post('/events/hit', JSON.stringify(numbers.map((n) => ({ at: '2026-11-21T09:00:00.000Z', n }))), { 'idempotency-key': key });
  await world.drain();
};
const hits = async (query = '') => {
  const { body } = await world.get(QUERY + query, {});
  return [body.rows[0]?.hits, body.provenance.windows, body.provenance.generation];
};
const list = async () => (await world.get('/generations', {})).body;

test('given nothing new, then a run does nothing; given a horizon that has moved, then it publishes, and the answers stay the same', async () => {
  expect([await world.recompute(), await list()]).toEqual([null, { active: null, generations: [], next: null }]);
  await post('a', 1, 2, 3);
  expect(await hits()).toEqual([3, { batch: 0, speed: 1 }, null]);
  expect(await world.publish()).toMatchObject({ id: 'g000001', state: 'published', counts: { lines: 3, damaged: 0, days: 1 } });
  expect(await hits()).toEqual([3, { batch: 1, speed: 0 }, 'g000001']);
  expect(await world.recompute()).toBeNull();
  const { active, generations } = await list();
  expect([active, generations]).toMatchObject([
    'g000001',
    [{ id: 'g000001', state: 'published', active: true, drift: 0, horizon: '2026-11-21T10:01:00.000Z', error: null }],
  ]);
});

test('given events after the horizon, late ones too, then they add up with the batch, before and after the next generation', async () => {
  await post('a', 1, 2);
  await world.publish();
  await post('b', 3);
  expect(await hits()).toEqual([3, { batch: 1, speed: 1 }, 'g000001']);
  expect(await world.publish()).toMatchObject({ id: 'g000002', counts: { lines: 1, days: 1 } });
  expect(await hits()).toEqual([3, { batch: 1, speed: 0 }, 'g000002']);
});

test('given POST /recompute, then 202 names the generation, which a run then makes', async () => {
  await post('a', 1);
  const reply = await world.post('/recompute', '', {});
  expect([reply.status, reply.headers.get('location'), reply.body]).toMatchObject([
    202,
    '/generations',
    { generation: 'g000001', state: 'requested', requestedAt: '2026-11-21T10:00:30.000Z' },
  ]);
  // It waits until the lake holds whatever arrived before the request.
  expect([await world.recompute(), (await list()).active]).toEqual([null, null]);
  expect(await world.publish()).toMatchObject({ id: 'g000001', state: 'published', plan: { horizonMs: Date.parse('2026-11-21T10:01:00.000Z') } });
});

test('given a time that it must reach, then the generation waits until the horizon has passed it; others are made meanwhile', async () => {
  await post('a', 1);
  await world.post('/recompute', JSON.stringify({ through: '2026-11-21T11:01:20+01:00' }), {});
  expect(await world.publish()).toMatchObject({ id: 'g000002', state: 'published' });
  expect((await list()).generations.at(-1)).toMatchObject({ id: 'g000001', state: 'requested', through: '2026-11-21T10:01:20.000Z' });
  expect(await world.publish()).toMatchObject({
    id: 'g000001',
    state: 'published',
    plan: { base: 'g000002', horizonMs: Date.parse('2026-11-21T10:02:00.000Z') },
  });
  expect(await hits()).toEqual([1, { batch: 1, speed: 0 }, 'g000001']);
});

test.each([
  ['no JSON', '{', 'Expected a JSON object such as {"through":"2026-11-21T10:00:00Z"}, or no body: '],
  ['no time', '{"through":"soon"}', 'Expected a JSON object such as {"through":"2026-11-21T10:00:00Z"}'],
  ['another name', '{"trough":"2026-11-21T10:00:00Z"}', 'Expected a JSON object such as {"through":"2026-11-21T10:00:00Z"}'],
  ['a time far ahead', '{"through":"2026-11-21T10:02:00Z"}', "through: Expected a time up to now, 2026-11-21T10:00:30.000Z, got '2026-11-21T10:02:00Z'"],
  ['an array', '[]', 'Expected a JSON object such as {"through":"2026-11-21T10:00:00Z"}'],
])('given a request with %s, then 400, and no generation', async (_, body, detail) => {
  const reply = await world.post('/recompute', body, {});
  expect([reply.status, reply.body.detail.slice(0, detail.length)]).toEqual([400, detail]);
  expect((await list()).generations).toEqual([]);
});

describe('given two generations', () => {
  beforeEach(async () => {
    await post('a', 1, 2);
    await world.publish();
    await post('b', 3);
    await world.publish();
  });

  test('when the older one is activated, then it answers with the speed layer, and the numbers are the same', async () => {
    expect(await world.post('/generations/g000001/activate', '', {})).toMatchObject({ status: 200, body: { id: 'g000001', active: true } });
    expect(await hits()).toEqual([3, { batch: 1, speed: 1 }, 'g000001']);
    expect((await list()).active).toBe('g000001');
    await world.post('/generations/g000002/activate', '', {});
    expect(await hits()).toEqual([3, { batch: 1, speed: 0 }, 'g000002']);
  });

  test('when the active one is activated, then nothing changes', async () => {
    expect((await world.post('/generations/g000002/activate', '', {})).status).toBe(200);
    expect((await list()).active).toBe('g000002');
  });

  test('when one that there is not, or is not published, is activated, then 404 and 409', async () => {
    await world.post('/recompute', '', {});
    expect((await world.post('/generations/g000009/activate', '', {})).status).toBe(404);
    expect(await world.post('/generations/g000003/activate', '', {})).toMatchObject({
      status: 409,
      body: { type: 'urn:twinstream:problem:not-published', detail: 'Expected a published generation, g000003 is requested.' },
    });
  });

  test('when somebody has just gone back to the oldest, then it is not retired', async () => {
    await world.post('/generations/g000001/activate', '', {});
    await world.post('/generations/g000002/activate', '', {});
    for (const key of ['c', 'd']) {
      await post(key, 1);
      await world.publish();
    }
    const states = async () => Object.fromEntries((await list()).generations.map(({ id, state }: { id: string; state: string }) => [id, state]));
    expect(await states()).toMatchObject({ g000001: 'published', g000002: 'published', g000003: 'published', g000004: 'published' });
    world.advance(2 * 3_600_000);
    await post('e', 1);
    await world.publish();
    expect(await states()).toMatchObject({ g000001: 'retired', g000002: 'retired', g000003: 'published' });
  });

  test('when what is needed no more cannot be removed, then the generation is published all the same', async () => {
    world.deploy(before, {
      lake: {
        ...world.lake,
        remove: async () => {
          throw new Error('the lake is down');
        },
      },
    });
    await post('c', 1);
    expect(await world.publish()).toMatchObject({ id: 'g000003', state: 'published', attempts: 0, error: null });
    expect((await list()).active).toBe('g000003');
    expect(world.errors.map(({ message }) => message)).toContain('Files that are no longer needed could not be removed');
  });

  test('when more are published than are kept, then the oldest are retired: they cannot be activated, and the answers stay', async () => {
    for (const key of ['c', 'd', 'e']) {
      await post(key, 1);
      await world.publish();
    }
    expect((await list()).generations.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
      ['g000005', 'published'],
      ['g000004', 'published'],
      ['g000003', 'published'],
      ['g000002', 'retired'],
      ['g000001', 'retired'],
    ]);
    expect((await world.post('/generations/g000001/activate', '', {})).status).toBe(409);
    expect(await hits()).toEqual([6, { batch: 1, speed: 0 }, 'g000005']);
    world.advance(48 * 3_600_000);
    for (const id of ['g000003', 'g000004']) {
      await world.post(`/generations/${id}/activate`, '', {});
      expect((await hits())[0]).toBe(6);
    }
  });

  test('when its files are gone, then the answer is an error, never a smaller number', async () => {
    for await (const { key } of world.lake.list('views/', '')) await world.lake.remove([key]);
    const query = world.functions().query;
    const reply = await query(httpRequest('GET /metrics/{name}', { query: QUERY.slice(QUERY.indexOf('?') + 1), pathParameters: { name: 'hits' } }));
    expect([reply.status, JSON.parse(String(reply.body))]).toMatchObject([
      500,
      { type: 'urn:twinstream:problem:damaged', file: expect.stringMatching(/^views\//) },
    ]);
  });
});

test('given nothing new, then epochs go by without a generation', async () => {
  await post('a', 1, 2);
  await world.publish();
  for (let epochs = 0; epochs < 5; epochs++) expect(await world.publish()).toBeNull();
  expect((await world.get('/generations', {})).body.generations).toHaveLength(1);
});

describe('given a definition that changes', () => {
  const oldHash = before.metrics.hits?.hash;
  beforeEach(async () => {
    await post('a', 1, 2);
    await world.publish();
    world.deploy(after, {});
  });

  test('then it answers 503 until a generation holds it, and the old one answers by its hash', async () => {
    const reply = await world.get(QUERY, {});
    expect([reply.status, reply.headers.get('retry-after'), reply.body.type]).toEqual([503, '10', 'urn:twinstream:problem:rebuilding']);
    expect(reply.body.detail).toMatch(/^Rebuilding since 2026-11-21T10:01:30.000Z: the definition of 'hits' has changed/);
    const listed = (await world.get('/metrics', {})).body;
    expect(listed.metrics[0]?.ready).toBe(false);
    const frozen = '2026-11-21T10:01:30.000Z';
    expect(listed.earlier).toEqual([{ name: 'hits', definition: oldHash, frozen, until: 'the next generation is published' }]);
    // A generation up to the same horizon could not answer for the new one, and would end the old one.
    await post('b', 3);
    expect(await world.recompute()).toBeNull();
    expect(await hits(`&definition=${oldHash}`)).toEqual([2, { batch: 1, speed: 0 }, 'g000001']);
    expect((await world.get(QUERY, {})).body.detail).toMatch(/^Rebuilding since 2026-11-21T10:01:30/);
    await world.publish();
    expect(await hits()).toEqual([3, { batch: 1, speed: 0 }, 'g000002']);
    const { metrics, earlier } = (await world.get('/metrics', {})).body;
    expect([metrics[0]?.ready, earlier]).toEqual([true, undefined]);
    await post('c', 4);
    expect((await hits())[0]).toBe(4);
    expect(await world.publish()).toMatchObject({ drift: { [`hits@${after.metrics.hits?.hash}`]: { drift: 0 } } });
  });

  test('then the answer of the old one says when its folding ended', async () => {
    await post('b', 3);
    const { body } = await world.get(`${QUERY}&definition=${oldHash}`, {});
    expect([body.rows[0]?.hits, body.provenance.frozen]).toEqual([2, '2026-11-21T10:01:30.000Z']);
  });

  test('then, changed back before a generation was made, it answers again once one is', async () => {
    await post('b', 3);
    world.deploy(before, {});
    await post('c', 4);
    const reply = await world.get(QUERY, {});
    expect(reply.status === 200 ? reply.body.rows[0]?.hits : reply.body.type).toBe('urn:twinstream:problem:rebuilding');
    await world.publish();
    await world.publish();
    expect((await hits())[0]).toBe(4);
  });
});

test('given no time left, then a run stops between two steps, and the next goes on to the same generation', async () => {
  await post('a', 1, 2, 3);
  world.advance(EPOCH_MS);
  await world.heartbeat();
  await world.drain();
  const { recompute } = world.functions();
  const states: (string | undefined)[] = [];
  for (let i = 0; i < 100 && states.at(-1) !== 'published'; i++) {
    let asked = 0;
    const done = await recompute({}, { getRemainingTimeInMillis: () => (asked++ === 0 ? 900_000 : 0) });
    states.push(done?.state);
    expect(done?.id).toBe('g000001');
  }
  expect([states.length > 1, states.at(-1)]).toEqual([true, 'published']);
  expect(await hits()).toEqual([3, { batch: 1, speed: 0 }, 'g000001']);
});

test('given an engine or a lake that fails, then the run says so and is tried again, three times at most', async () => {
  await post('a', 1);
  world.advance(EPOCH_MS);
  await world.heartbeat();
  await world.drain();
  world.deploy(before, { lake: { ...world.parts.lake, put: () => Promise.reject(new Error('no space left on device')) } });
  const tries = [await world.recompute(), await world.recompute(), await world.recompute()];
  expect(tries.map((one) => [one?.state, one?.attempts, one?.error])).toEqual([
    ['running', 1, 'no space left on device'],
    ['running', 2, 'no space left on device'],
    ['failed', 3, 'no space left on device'],
  ]);
  world.deploy(before, {});
  expect(await world.recompute()).toMatchObject({ id: 'g000002', state: 'published' });
  expect(await hits()).toEqual([1, { batch: 1, speed: 0 }, 'g000002']);
});
