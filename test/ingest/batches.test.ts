import type { System } from '../support/system.ts';
import { AT, ingesting, lanesById, quarantineOf, storedEvents } from './world.ts';

// What agents send: batches that were put together, each with the ids that it had before.

let world: System;
beforeEach(async () => {
  world = await ingesting();
});
afterEach(() => world.close());

const line = (page: string) => JSON.stringify({ at: AT, page });
const post = (pages: readonly string[], batches: string, type = 'application/x-ndjson') =>
  world.post('/events/visit', pages.map(line).join('\n'), { 'content-type': type, 'twinstream-batches': batches });
const ids = async () => (await storedEvents(world)).map(({ id, source, data }) => [id, source, data.page]);

test('given batches in one request, then each event has the id that its batch gives it', async () => {
  expect(await post(['p', 'q', 'r'], 'a;7;2, b%2Cc;0;1')).toMatchObject({ status: 202, body: { accepted: 3 } });
  expect(await ids()).toEqual([
    ['a:7', '/events/visit', 'p'],
    ['a:8', '/events/visit', 'q'],
    ['b,c:0', '/events/visit', 'r'],
  ]);
});

test('given a batch under its own Idempotency-Key, and again among others, then its events have the same ids and lanes', async () => {
  await world.post('/events/visit', ['p', 'q'].map(line).join('\n'), { 'content-type': 'application/x-ndjson', 'idempotency-key': 'a' });
  await post(['r', 'p', 'q'], 'b;0;1,a;0;2');
  expect((await ids()).map(([id]) => id)).toEqual(['a:0', 'a:0', 'a:1', 'a:1', 'b:0']);
  for (const [, lanes] of await lanesById(world)) expect(lanes.size).toBe(1);
});

test.each([
  ['fewer ids than events', 'a;0;1', 'Expected the ids of all events, got those of 1'],
  ['no key', ';0;2', "got ';0;2'"],
  ['a number that is none', 'a;x;2', "got 'a;x;2'"],
  ['no events', 'a;0;0', "got 'a;0;0'"],
  ['an index past the last', 'a;999999;2', "got 'a;999999;2'"],
  ['a key that cannot be decoded', '%E0%A4%A;0;2', "got '%E0%A4%A;0;2'"],
  ['nothing', '', "got ''"],
])('given %s, then 400, and nothing is stored', async (_, batches, detail) => {
  const reply = await post(['p', 'q'], batches);
  expect([reply.status, reply.body.detail]).toEqual([400, expect.stringContaining(detail)]);
  expect(await storedEvents(world)).toEqual([]);
});

test('given both headers, then 400', async () => {
  const reply = await world.post('/events/visit', line('p'), { 'idempotency-key': 'k', 'twinstream-batches': 'a;0;1' });
  expect([reply.status, reply.body.detail]).toEqual([400, 'Expected Idempotency-Key or Twinstream-Batches, got both']);
});

test('given a rejected event and an unknown type, then their ids are kept in quarantine', async () => {
  await world.post('/events/visit', `{"at":"no"}\n${line('p')}`, { 'content-type': 'application/x-ndjson', 'twinstream-batches': 'a;5;2' });
  await world.post('/events/gone', line('p'), { 'content-type': 'application/x-ndjson', 'twinstream-batches': 'a;9;1' });
  const entries = await quarantineOf(world);
  expect(entries.map(({ fallbackId, headers }) => [fallbackId, headers['twinstream-batches'], headers['idempotency-key']])).toEqual([
    [null, 'a;9;1', undefined],
    ['a:5', undefined, undefined],
  ]);
});
