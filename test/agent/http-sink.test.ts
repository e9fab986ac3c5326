import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Batch } from '../../agent/ports/batch.ts';
import { RefusedError, TryLaterError } from '../../agent/ports/sink.ts';
import { httpSink } from '../../agent/sinks/http.ts';

let server: Server;
let url: URL;
let requests: { path: string; headers: Record<string, unknown>; body: string }[];
/** What the server answers; null breaks the connection. */
let answer: [status: number, body: string, headers?: Record<string, string>] | null;
beforeEach(async () => {
  requests = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ path: request.url ?? '', headers: request.headers, body });
    if (answer === null) request.socket.destroy();
    else response.writeHead(answer[0], answer[2]).end(answer[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const batch = (key: string, at: number, ...lines: string[]): Batch => ({
  type: 'edit',
  header: null,
  key,
  at,
  events: lines.length,
  body: Buffer.from(lines.map((line) => `${line}\n`).join('')),
});
const sink = (token: string | null = null) => httpSink({ url, token, parallel: 1, surroundings: { clock: () => 0 } });
const sent = JSON.stringify({ accepted: 2, rejected: 0, errors: [] });

test('given a batch from its beginning, then it is posted as NDJSON under its key, with the token', async () => {
  answer = [202, sent];
  expect(await sink('t').deliver([batch('key-1', 0, '{}', '{"a":1}')])).toEqual({ accepted: 2, rejected: 0, errors: [], state: null });
  expect(requests).toMatchObject([
    {
      path: '/events/edit',
      body: '{}\n{"a":1}\n',
      headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'key-1', authorization: 'Bearer t' },
    },
  ]);
});

test('given a key that no header carries as it is, then it is encoded', async () => {
  answer = [202, sent];
  await sink().deliver([batch('€ 1', 0, '{}')]);
  expect(requests[0]?.headers).toMatchObject({ 'twinstream-batches': '%E2%82%AC%201;0;1' });
});

test('given several batches, then they are one request, and those of one key that follow each other one section', async () => {
  answer = [202, sent];
  await sink().deliver([batch('a', 3, '{}'), batch('a', 4, '{}', '{}'), batch('b,c', 0, '{}'), batch('a', 9, '{}')]);
  expect(requests).toHaveLength(1);
  expect(requests[0]?.headers).toMatchObject({ 'twinstream-batches': 'a;3;3,b%2Cc;0;1,a;9;1' });
  expect(requests[0]?.headers).not.toHaveProperty('idempotency-key');
});

test('given more keys than a header holds, then they are several requests, and errors are counted over all', async () => {
  answer = [202, JSON.stringify({ accepted: 0, rejected: 1, errors: [{ index: 2, message: 'no' }] })];
  const batches = Array.from({ length: 300 }, (_, i) => batch(`key-${i}-${'x'.repeat(30)}`, 0, '{}'));
  const { errors } = await sink().deliver(batches);
  expect(requests.length).toBeGreaterThan(1);
  expect(requests.map(({ body }) => body).join('')).toBe('{}\n'.repeat(300));
  for (const { headers } of requests) expect(String(headers['twinstream-batches']).length).toBeLessThan(6_001);
  expect(errors.map(({ index }) => index)).toEqual(requests.map((_, i) => 2 + requests.slice(0, i).reduce((sum, { body }) => sum + body.length / 3, 0)));
});

test('given CSV, then its header is the first line; given CloudEvents, then they go to POST /events without ids', async () => {
  answer = [202, sent];
  await sink().deliver([{ ...batch('k', 0, '1,2'), header: 'a,b' }]);
  await sink().deliver([{ ...batch('k', 0, '{"specversion":"1.0"}'), type: null }]);
  expect(requests).toMatchObject([
    { path: '/events/edit', body: 'a,b\n1,2\n', headers: { 'content-type': 'text/csv' } },
    { path: '/events', body: '{"specversion":"1.0"}\n' },
  ]);
  expect(requests[1]?.headers).not.toHaveProperty('idempotency-key');
});

test('given events that were all rejected, then that is an answer, not a failure', async () => {
  answer = [422, JSON.stringify({ accepted: 0, rejected: 2, errors: [{ index: 0, message: 'no' }] })];
  expect(await sink().deliver([batch('k', 0, '{}')])).toMatchObject({ rejected: 2 });
});

test.each<[string, typeof answer, number]>([
  ['breaks off', null, 0],
  ['is overloaded', [503, '', { 'retry-after': '7' }], 7_000],
  ['throttles until a date', [429, '', { 'retry-after': 'Thu, 01 Jan 1970 00:00:05 GMT' }], 5_000],
  ['fails', [500, 'x'], 0],
])('given a server that %s, then it is for later', async (_, given, afterMs) => {
  answer = given;
  const error = await sink()
    .deliver([batch('k', 0, '{}')])
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(TryLaterError);
  expect((error as TryLaterError).afterMs).toBe(afterMs);
});

test.each([
  [401, JSON.stringify({ detail: 'Expected a token' }), 'answered 401: Expected a token'],
  [404, '<html>not here</html>', 'answered 404: <html>not here</html>'],
  [413, JSON.stringify({}), 'answered 413: {}'],
])('given %i, which no retry can change, then it is refused', async (status, body, message) => {
  answer = [status, body];
  await expect(sink().deliver([batch('k', 0, '{}')])).rejects.toThrow(RefusedError);
  await expect(sink().deliver([batch('k', 0, '{}')])).rejects.toThrow(message);
});
