import { z } from 'zod';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

// A batch engine whose memory does not suffice, and a batch layer that rests after failures.

const hit = event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count() } }) } });
const changed = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count(), n: sum(hit.n) } }) } });
const MINUTE = 60_000;

let world: System;
const start = async (memoryBytes: number) => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z'), retryMs: 5 * MINUTE, memoryBytes });
};
afterEach(() => world.close());
const post = async (n: number) => {
  await world.post('/events/hit', JSON.stringify({ at: '2026-11-21T09:00:00.000Z', n }), {});
  await world.drain();
};
const batch = async () => (await world.get('/health', {})).body.parts.batch;
const states = async () => (await world.get('/generations', {})).body.generations.map(({ id, state }) => `${id} ${state}`);
const hits = async () => (await world.get('/metrics/hits?from=2026-11-20&to=2026-11-22', {})).body.rows[0]?.hits;

test('given a memory limit that is too small for a day, then its generation fails once, clearly, and the next is not begun until the rest is over', async () => {
  await start(2 ** 20);
  await post(1);
  const failed = await world.publish();
  expect(failed).toMatchObject({ id: 'g000001', state: 'failed', attempts: 1 });
  expect(failed?.error).toMatch(/^Expected the days of this run to fit into the memory of the batch layer, they do not\. Set BATCH_MEMORY higher/);
  expect(await batch()).toMatchObject({
    status: 'degraded',
    failing: { since: '2026-11-21T10:01:30.000Z', times: 1, error: failed?.error?.slice(0, 500), nextTry: '2026-11-21T10:06:30.000Z' },
  });
  expect([(await world.get('/health', {})).status, (await world.get('/health', {})).body.status, await hits()]).toEqual([200, 'degraded', 1]);
  world.advance(4 * MINUTE);
  expect([(await world.publish()) === null, await states()]).toEqual([false, ['g000002 failed', 'g000001 failed']]);
  world.advance(8 * MINUTE);
  expect([await world.publish(), await states()]).toEqual([null, ['g000002 failed', 'g000001 failed']]);
  expect(await batch()).toMatchObject({ failing: { times: 2, nextTry: '2026-11-21T10:16:30.000Z' } });
});

describe('given runs that fail, and a rest', () => {
  const broken = { put: () => Promise.reject(new Error('no space left on device')) };
  beforeEach(async () => {
    await start(2 ** 30);
    await post(1);
    world.deploy(pipeline, { lake: { ...world.parts.lake, ...broken } });
    // Its raw files are written by then.
    await world.drain();
    world.advance(MINUTE);
    await world.heartbeat();
    await world.drain();
    expect(await world.recompute()).toMatchObject({ id: 'g000001', state: 'running', attempts: 1 });
    world.deploy(pipeline, {});
  });

  test('then none begins before its end, and the list says what the generation waits for', async () => {
    expect(await world.recompute()).toBeNull();
    expect((await world.get('/generations', {})).body.generations).toMatchObject([
      { id: 'g000001', state: 'running', waitsFor: 'Waits for the next try, at 2026-11-21T10:06:30.000Z, after a run that failed: no space left on device' },
    ]);
    world.advance(5 * MINUTE);
    expect(await world.recompute()).toMatchObject({ id: 'g000001', state: 'published' });
    expect([(await world.get('/health', {})).body.status, (await batch())?.failing, await hits()]).toEqual(['ok', undefined, 1]);
  });

  test('when somebody asks for a generation, then one is tried at once', async () => {
    world.advance(MINUTE);
    await world.post('/recompute', '{"through":"2026-11-21T10:00:00Z"}', {});
    expect(await world.recompute()).toMatchObject({ id: 'g000001', state: 'published' });
    expect(await world.recompute()).toMatchObject({ id: 'g000002', state: 'published' });
  });

  test('when a definition changes, then one is tried at once', async () => {
    world.deploy(changed, {});
    expect(await world.recompute()).toMatchObject({ id: 'g000001', state: 'published' });
  });
});
