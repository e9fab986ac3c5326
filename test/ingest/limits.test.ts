import { gzipSync } from 'node:zlib';
import type { System } from '../support/system.ts';
import { AT, bytesOf, ingesting, quarantineOf, storedEvents } from './world.ts';

let world: System;
beforeEach(async () => {
  world = await ingesting();
});
afterEach(() => world.close());

const NDJSON = { 'content-type': 'application/x-ndjson' };
const MB = 1024 * 1024;
const detailOf = async (path: string, body: string | Uint8Array, headers: Record<string, string>) => {
  const { status, body: problem } = await world.post(path, body, headers);
  return [status, problem.type, problem.detail];
};
const tooLarge = (detail: string) => [413, 'urn:twinstream:problem:too-large', detail];
/** A line of a visit that takes `bytes` bytes in the log. */
const lineOf = async (bytes: number) => {
  const line = (page: string) => JSON.stringify({ at: AT, n: 1, page: 'p', text: page });
  const stored = JSON.stringify({ id: 'k:0', source: '/events/visit', type: 'visit', subject: 'p', time: AT, data: JSON.parse(line('')) });
  return line('x'.repeat(bytes - Buffer.byteLength(stored)));
};

test('given a body of 4 MB, then it is taken; given one byte more, then 413', async () => {
  const body = Buffer.alloc(4 * MB, ' ');
  body.write('{"ms":1}');
  expect(await world.post('/events/tick', body, NDJSON)).toMatchObject({ status: 202, body: { accepted: 1 } });
  expect(await detailOf('/events/tick', Buffer.concat([body, Buffer.from(' ')]), NDJSON)).toEqual(
    tooLarge('Expected a body of at most 4194304 bytes, got 4194305. Send it in parts.'),
  );
  expect(await storedEvents(world)).toHaveLength(1);
});

test('given bytes that are more as characters, then the bytes count', async () => {
  expect((await detailOf('/events/tick', `{"any":"${'😀'.repeat(MB)}"}`, NDJSON))[0]).toBe(413);
});

test('given a gzip body that inflates to 32 MB, then it is taken; given a bomb, then 413', async () => {
  const body = Buffer.alloc(32 * MB, ' ');
  body.write('{"ms":1}');
  const gzip = { ...NDJSON, 'content-encoding': 'gzip' };
  expect(await world.post('/events/tick', gzipSync(body), gzip)).toMatchObject({ status: 202, body: { accepted: 1 } });
  const more = tooLarge('Expected a body of at most 33554432 bytes once inflated, got more. Send it in parts.');
  expect(await detailOf('/events/tick', gzipSync(Buffer.concat([body, Buffer.from(' ')])), gzip)).toEqual(more);
  const bomb = Buffer.concat(Array(60).fill(gzipSync(Buffer.alloc(16 * MB))));
  expect(await detailOf('/events/tick', bomb, gzip)).toEqual(more);
});

test.each(['NDJSON', 'an array'])('given 20,000 events as %s, then all are taken; given one more, then 413, and none is', async (form) => {
  const bodyOf = (n: number) => (form === 'NDJSON' ? '{"ms":1}\n'.repeat(n) : `[${'{"ms":1},'.repeat(n).slice(0, -1)}]`);
  expect(await world.post('/events/tick', bodyOf(20_000), {})).toMatchObject({ status: 202, body: { accepted: 20_000 } });
  expect(await detailOf('/events/tick', bodyOf(20_001), {})).toEqual(tooLarge('Expected at most 20000 events a request, got 20001. Send it in parts.'));
  expect(await storedEvents(world)).toHaveLength(20_000);
});

test('given an event of 256 KB as stored, then it is taken; given one byte more, then it is rejected with its index, and the others are taken', async () => {
  const [fits, larger] = [await lineOf(256 * 1024), await lineOf(256 * 1024 + 1)];
  const reply = await world.post('/events/visit', `${fits}\n${larger}\n${fits}`, { ...NDJSON, 'idempotency-key': 'k' });
  expect(reply).toMatchObject({
    status: 202,
    body: { accepted: 2, rejected: 1, errors: [{ index: 1, message: 'Expected an event of at most 262144 bytes, got 262145' }] },
  });
  const [entry] = await quarantineOf(world);
  expect([entry?.reason, bytesOf(entry as never).toString() === larger]).toEqual(['too-large', true]);
});

test('given a request whose only event is too large, then 413', async () => {
  const reply = await world.post('/events/visit', await lineOf(300_000), { ...NDJSON, 'idempotency-key': 'k' });
  expect(reply).toMatchObject({ status: 413, body: { title: 'The request is too large', accepted: 0, rejected: 1, errors: [{ index: 0 }] } });
});

test('given an event of a megabyte, then quarantine keeps its first 512 KB and says so', async () => {
  const line = await lineOf(MB);
  await world.post('/events/visit', line, NDJSON);
  const [entry] = await quarantineOf(world);
  expect([entry?.truncated, entry?.encoding, bytesOf(entry as never).toString() === line.slice(0, 512 * 1024)]).toEqual([true, 'base64', true]);
});

test.each([
  ['id', { id: 'x'.repeat(257) }],
  ['source', { source: `/${'x'.repeat(512)}` }],
  ['type', { type: 'x'.repeat(129) }],
])('given a CloudEvent whose %s is too long, then it is rejected', async (path, change) => {
  const body = JSON.stringify({ specversion: '1.0', id: 'a', source: '/s', type: 'tick', data: {}, ...change });
  expect(await world.post('/events', body, {})).toMatchObject({ status: 422, body: { errors: [{ index: 0, path }] } });
});

test('given a subject that is too long, in a field or an envelope, then the event is taken with its first 1,024 characters as subject', async () => {
  await world.post('/events/visit', JSON.stringify({ at: AT, page: 'x'.repeat(2_000) }), NDJSON);
  const event = { specversion: '1.0', id: 'a', source: '/s', type: 'visit', subject: 'x'.repeat(2_000), data: { at: AT, page: 'x'.repeat(2_000) } };
  await world.post('/events', JSON.stringify(event), {});
  const stored = { subject: 'x'.repeat(1_024), data: { page: 'x'.repeat(2_000) } };
  expect(await storedEvents(world)).toMatchObject([stored, stored]);
});

test('given many rejected events, then the answer lists the first thousand and counts all', async () => {
  const reply = await world.post('/events/visit', `${'{}\n'.repeat(3_000)}{"at":"${AT}","page":"p"}`, NDJSON);
  expect([reply.status, reply.body.accepted, reply.body.rejected, reply.body.errors.length]).toEqual([202, 1, 3_000, 1_000]);
});

test('given an event with thousands of wrong fields, then it lists the first few', async () => {
  const reply = await world.post(
    '/events',
    JSON.stringify([{ specversion: '1.0', id: 'a', source: '/s', type: 'visit', data: { at: 1, page: 1, n: 'x', price: 'x', geo: 1 } }]),
    {},
  );
  expect(reply.body.errors.map(({ path }) => path)).toEqual(['data.at', 'data.page', 'data.n', 'data.price', 'data.geo']);
});

test.each([
  ['empty', ''],
  ['of 201 characters', 'k'.repeat(201)],
])('given an Idempotency-Key that is %s, then 400', async (_, key) => {
  const [status, , detail] = await detailOf('/events/tick', '{}', { ...NDJSON, 'idempotency-key': key });
  expect([status, detail]).toEqual([400, `Idempotency-Key: Expected 1 to 200 characters, got ${key.length}`]);
});
