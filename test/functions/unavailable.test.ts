// What a call is answered while the log or the quarantine is down.

import { LogUnavailableError } from '../../shared/ports/event-log.ts';
import { pipeline, post, totals, world } from './pages-world.ts';

test('given a log that is down, then 503 with Retry-After; sent again with the same key, each event counts once', async () => {
  let isDown = true;
  const append: typeof world.log.append = async (records) => {
    // The worst case: it took them, and could not say so.
    await world.log.append(records);
    if (isDown) throw new LogUnavailableError('throttled');
  };
  world.deploy(pipeline, { log: { ...world.parts.log, append } });
  const reply = await post('a', 1, 2);
  expect([reply.status, reply.headers.get('retry-after'), reply.body.type, reply.body.detail]).toEqual([
    503,
    '1',
    'urn:twinstream:problem:unavailable',
    'The log is not available now. Send them again with the same ids or Idempotency-Key: they count once.',
  ]);
  isDown = false;
  expect((await post('a', 1, 2)).status).toBe(202);
  await world.drain();
  expect(await totals()).toEqual([[2, 3]]);
});

test('given a quarantine that is down, then 503 with Retry-After where an event is rejected, and good events alone pass', async () => {
  const down = async () => {
    throw new Error('no space left');
  };
  world.deploy(pipeline, { quarantine: { deliver: down } });
  const bad = await world.post('/events/hit', '{"page":1}', { 'content-type': 'application/json' });
  expect([bad.status, bad.headers.get('retry-after'), bad.body.type]).toEqual([503, '1', 'urn:twinstream:problem:unavailable']);
  expect(bad.body.errors.map(({ index, path }) => [index, path])).toEqual([
    [0, 'at'],
    [0, 'page'],
    [0, 'n'],
  ]);
  const broken = await world.post('/events/hit', '{broken', { 'content-type': 'application/json' });
  expect([broken.status, broken.body.errors.length]).toEqual([503, 1]);
  expect((await post('b', 1)).status).toBe(202);
  // Of a request with both, nothing is stored: without ids, the good one would count again with the next try.
  const mixed = await world.post('/events/hit', '[{"at":"2026-11-21T09:00:00Z","page":"c","n":1},{"page":1}]', { 'content-type': 'application/json' });
  expect([mixed.status, mixed.body.errors[0]?.index]).toEqual([503, 1]);
  await world.drain();
  expect((await totals()).length).toBe(1);
});
