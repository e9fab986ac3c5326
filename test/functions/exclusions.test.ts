import { count, definePipeline, metric, top } from '../../shared/pipeline.ts';
import type { System } from '../support/system.ts';
import { EPOCH_MS } from '../support/system-platform.ts';
import { DAY_1, DAY_2, exclude, hit, miss, pipeline, post, restore, states, world } from './exclusions-world.ts';

const listed = async (metric = 'hits', measure = 'ids') => {
  const { body } = await world.get<Readonly<Record<string, number | { value: string }[]>>>(`/metrics/${metric}?from=2026-11-01&to=2026-12-01`, {});
  const value = body.rows[0]?.[measure];
  return Array.isArray(value) ? value.map((one) => one.value).sort() : (value ?? 0);
};
const drifts = (generation: Awaited<ReturnType<System['publish']>>) =>
  Object.fromEntries(
    Object.entries(generation?.drift ?? {}).map(([metric, { drift, excluded, restored }]) => [metric.split('@')[0], { drift, excluded, restored }]),
  );

describe('an exclusion by ids', () => {
  test('given events in the batch layer, then the next generation leaves them out, of every metric, and taking it back counts them again', async () => {
    await post(['a', DAY_1, 1], ['b', DAY_1, 2], ['c', DAY_2, 3]);
    await world.publish();
    const reply = await exclude({ source: '/events/hit', ids: ['a', 'c', 'nobody'], note: 'a load test' });
    expect([reply.status, reply.body]).toMatchObject([
      202,
      {
        id: 'x000001',
        state: 'pending',
        ids: ['a', 'c', 'nobody'],
        from: null,
        note: 'a load test',
        createdAt: '2026-11-21T10:01:30.000Z',
        speedFrom: '2026-11-21T10:02:00.000Z',
        generation: 'g000002',
      },
    ]);
    expect(await listed()).toEqual(['a', 'b', 'c']);
    // At once what the batch layer holds, and with the named generation everything.
    expect(await world.recompute()).toMatchObject({ id: 'g000003', state: 'published', counts: { lines: 0, days: 0 } });
    expect([await listed(), await listed('real', 'hits'), await states()]).toEqual([['b'], 1, ['x000001 partial']]);
    expect(await world.publish()).toMatchObject({ id: 'g000002', state: 'published' });
    expect([await listed(), await listed('real', 'hits'), await states()]).toEqual([['b'], 1, ['x000001 applied']]);
    expect(await world.recompute()).toBeNull();

    expect((await restore('x000001')).body).toMatchObject({ id: 'x000001', state: 'undoing', removedAt: expect.any(String), generation: 'g000004' });
    expect(await listed()).toEqual(['b']);
    await world.recompute();
    await world.publish();
    expect([await listed(), await listed('real', 'hits'), await states()]).toEqual([['a', 'b', 'c'], 3, ['x000001 undone']]);
    expect(world.errors).toEqual([]);
  });

  test('given an excluded event that is sent again, long after, then it stays out', async () => {
    await post(['a', DAY_1, 1], ['b', DAY_1, 2]);
    await exclude({ source: '/events/hit', ids: ['a'] });
    await world.publish();
    await world.publish();
    world.advance(5 * 3_600_000); // past the duplicate window
    await post(['a', DAY_1, 1], ['a', DAY_2, 1]);
    expect(await listed()).toEqual(['b']);
    expect(drifts(await world.publish()).hits).toEqual({ drift: 0, excluded: 0, restored: 0 });
    expect(await listed()).toEqual(['b']);
  });
});

describe('an exclusion by a range of event times', () => {
  test('given its bounds, then it is half-open, holds for its source and its type alone, and other days are not computed again', async () => {
    // In a file of its own: days of one file are computed together.
    await post(['other day', DAY_1, 1]);
    await world.publish();
    await post(['before', '2026-11-20T08:59:59.999Z', 1], ['from', DAY_2, 1], ['inside', '2026-11-20T09:30:00Z', 1], ['to', '2026-11-20T10:00:00Z', 1]);
    await world.post('/events/miss', JSON.stringify({ id: 'from', at: DAY_2, n: 1 }), {});
    const cloudEvent = { specversion: '1.0', id: 'elsewhere', source: '/elsewhere', type: 'hit', data: { id: 'elsewhere', at: DAY_2, n: 1, isTest: false } };
    await world.post('/events', JSON.stringify(cloudEvent), { 'content-type': 'application/cloudevents+json' });
    await world.publish();
    const before = await filesOf('2026-11-19');
    await exclude({ source: '/events/hit', type: 'hit', from: '2026-11-20T10:00:00+01:00', to: '2026-11-20T10:00:00Z' });
    await world.publish();
    await world.publish();
    expect(await listed()).toEqual(['before', 'elsewhere', 'other day', 'to']);
    expect(await listed('misses', 'misses')).toBe(1);
    expect([await filesOf('2026-11-19'), before.length > 0]).toEqual([before, true]);
    await exclude({ source: '/events/miss', from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' });
    await world.publish();
    await world.publish();
    expect([await listed('misses', 'misses'), [await listed()].flat().length]).toEqual([0, 4]);
  });

  test('given a source that goes on sending, then what arrives from the next epoch on never shows, and the drift is 0 by its named cause', async () => {
    const wrong = { source: '/events/hit', from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' };
    await post(['a', DAY_2, 1]);
    await world.publish();
    await post(['b', DAY_2, 1], ['good', DAY_1, 1]);
    const { body } = await exclude(wrong);
    await post(['c', DAY_2, 1]); // in the epoch that had begun
    expect(await listed()).toEqual(['a', 'b', 'c', 'good']);
    world.advance(EPOCH_MS);
    await post(['d', DAY_2, 101]);
    expect([await listed(), world.counters.get('excluded')]).toEqual([['a', 'b', 'c', 'good'], 1]);
    const generation = await world.publish();
    expect([generation?.id, drifts(generation)]).toEqual([
      body.generation,
      { hits: { drift: 0, excluded: 2, restored: 0 }, real: { drift: 0, excluded: 2, restored: 0 }, misses: { drift: 0, excluded: 0, restored: 0 } },
    ]);
    await post(['e', DAY_2, 1]);
    expect([await listed(), await states()]).toEqual([['good'], ['x000001 applied']]);

    // Taken back: what the speed layer left out comes with the batch layer.
    const undone = (await restore('x000001')).body;
    world.advance(EPOCH_MS);
    await post(['f', DAY_2, 1]);
    expect(await listed()).toEqual(['f', 'good']);
    const healed = await world.publish();
    expect([healed?.id, drifts(healed).hits, drifts(healed).real]).toEqual([
      undone.generation,
      { drift: 0, excluded: 0, restored: 1 },
      { drift: 0, excluded: 0, restored: 1 },
    ]);
    await world.publish();
    expect([await listed(), await states()]).toEqual([['a', 'b', 'c', 'd', 'e', 'f', 'good'], ['x000001 undone']]);
    expect(world.errors).toEqual([]);
  });
});

test('given a batch that fails half-way, is cut elsewhere and comes again, then every retry leaves out the same events', async () => {
  await exclude({ source: '/events/hit', ids: ['a', 'b', 'c'] });
  world.advance(EPOCH_MS);
  for (const id of ['a', 'x', 'b', 'y', 'c', 'z']) await world.post('/events/hit', JSON.stringify({ id, at: DAY_1, n: 1, isTest: false }), {});
  const { store } = world.parts;
  for (let failing = 0; failing < 6; failing++) {
    let puts = 0;
    const put: typeof store.put = async (writes) => {
      if (puts++ === failing) throw new Error('throttled');
      return store.put(writes);
    };
    world.deploy(pipeline, { store: { ...world.parts.store, get: store.get, query: store.query, expire: store.expire, put } });
    for (const { id } of await world.log.shards()) {
      const records = await world.waiting('aggregate', id);
      if (records.length > 0) await world.functions().aggregate({ shard: id, records: records.slice(0, 1 + (failing % records.length)) });
    }
  }
  world.deploy(pipeline, {});
  await world.drain();
  expect(await listed()).toEqual(['x', 'y', 'z']);
  expect(drifts(await world.publish()).hits).toEqual({ drift: 0, excluded: 0, restored: 0 });
});

test('given a generation from before an exclusion that is activated, then its events show, and the next run leaves them out again', async () => {
  await post(['a', DAY_1, 1], ['b', DAY_1, 1]);
  await world.publish();
  await exclude({ source: '/events/hit', ids: ['a'] });
  await world.publish();
  await world.publish();
  expect(await listed()).toEqual(['b']);
  await world.post('/generations/g000001/activate', '', {});
  expect([await listed(), await states()]).toEqual([['a', 'b'], ['x000001 pending']]);
  await world.recompute();
  expect([await listed(), await states()]).toEqual([['b'], ['x000001 applied']]);
});

test('given a metric whose definition changes, then its whole history is made without what is excluded', async () => {
  await post(['a', DAY_1, 1], ['b', DAY_2, 1]);
  await exclude({ source: '/events/hit', from: '2026-11-19T00:00:00Z', to: '2026-11-20T00:00:00Z' });
  await world.publish();
  await world.publish();
  world.deploy(definePipeline({ events: { hit, miss }, metrics: { hits: metric(hit, { window: '5m', measures: { hits: count(), ids: top(hit.id) } }) } }), {});
  await world.publish();
  await world.publish();
  expect(await listed()).toEqual(['b']);
});

test('given sources and ids that try to leave the SQL, then they are texts like any other', async () => {
  const evil = [`'`, `''); DROP TABLE events; --`, '"', '\\', '%', '💥é', '\u0000', 'x'.repeat(256), `a') OR ('1'='1`];
  const cloudEvent = (id: string, source: string) => ({ specversion: '1.0', id, source, type: 'hit', data: { id, at: DAY_1, n: 1, isTest: false } });
  const body = JSON.stringify([...evil.map((id) => cloudEvent(id, id)), ...evil.map((id) => cloudEvent(id, 'kept')), cloudEvent('plain', `'`)]);
  expect((await world.post('/events', body, { 'content-type': 'application/cloudevents-batch+json' })).body.accepted).toBe(19);
  await world.drain();
  await world.publish();
  for (const one of evil) expect((await exclude({ source: one, ids: [one] })).status).toBe(202);
  await world.publish();
  await world.publish();
  const { body: answer } = await world.get('/metrics/hits?from=2026-11-01&to=2026-12-01', {});
  expect([answer.rows[0]?.hits, world.errors]).toEqual([10, []]);
});

/** The view files of a day that the active generation names. */
const filesOf = async (day: string): Promise<string[]> => {
  const { active } = (await world.get('/generations', {})).body;
  const { readManifest } = await import('../../shared/batch/manifest.ts');
  const { generations } = await import('../../shared/batch/generations.ts');
  const { metrics } = await readManifest(world.lake, generations(world.store), String(active));
  return Object.entries(metrics).flatMap(([name, { days }]) => (name.startsWith('hits@') ? Object.values(days[day] ?? {}).flat() : []));
};
