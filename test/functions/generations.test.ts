import { EPOCH_MS } from '../support/system-platform.ts';

import { after, before, hits, list, post, QUERY, world } from './hits-world.ts';

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
