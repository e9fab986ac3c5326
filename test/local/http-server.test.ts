import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { CONNECTION_LIMITS, httpServer } from '../../local/http-server.ts';
import type { Answered } from '../../local/stats.ts';
import type { Route } from '../../shared/api/routes.ts';
import type { HttpAnswer, HttpRequest } from '../../shared/request/http.ts';
import { Problem } from '../../shared/request/problem.ts';
import { until } from '../support/until.ts';

let calls: { name: string; request: HttpRequest }[];
let answer: (request: HttpRequest) => Promise<HttpAnswer>;
let answered: Answered[];
let authorize: (request: Omit<HttpRequest, 'body'>, route: Route) => Promise<void>;
let server: Server;
let url: string;
beforeEach(async () => {
  calls = [];
  answered = [];
  answer = async () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'fine' });
  authorize = async () => {};
  const called = (name: Route['function']) => async (request: HttpRequest) => {
    calls.push({ name, request });
    return answer(request);
  };
  server = httpServer(
    {
      functions: {
        ingest: called('ingest'),
        query: called('query'),
        generations: called('generations'),
        quarantine: called('quarantine'),
        exclusions: called('exclusions'),
        letters: called('letters'),
        search: called('search'),
        stats: called('stats'),
      },
      authorize: (request, route) => authorize(request, route),
      cors: async () => ({}),
      answered: (call) => void answered.push(call),
    },
    CONNECTION_LIMITS,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** What the server writes to bytes that no HTTP client would send. */
const raw = (text: string | Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });

describe('routes', () => {
  test.each([
    ['POST', '/events', 'ingest', 'POST /events', {}],
    ['POST', '/events/edit', 'ingest', 'POST /events/{type}', { type: 'edit' }],
    ['POST', '/events/a%2Fb%20%C3%BC', 'ingest', 'POST /events/{type}', { type: 'a/b ü' }],
    ['GET', '/metrics', 'query', 'GET /metrics', {}],
    ['GET', '/metrics/edits?by=a', 'query', 'GET /metrics/{name}', { name: 'edits' }],
    ['GET', '/health/', 'query', 'GET /health', {}],
    ['GET', '/openapi.json', 'query', 'GET /openapi.json', {}],
    ['POST', '/generations/g000001/activate', 'generations', 'POST /generations/{id}/activate', { id: 'g000001' }],
    ['GET', '/quarantine', 'quarantine', 'GET /quarantine', {}],
    ['POST', '/quarantine/replay', 'quarantine', 'POST /quarantine/replay', {}],
  ])('given %s %s, then %s is called by its route key, with its parameters decoded', async (method, path, name, route, pathParameters) => {
    const response = await fetch(url + path, { method });
    expect([response.status, await response.text()]).toEqual([200, 'fine']);
    expect(calls.map(({ name: called, request }) => [called, request.method, request.route, request.pathParameters])).toEqual([
      [name, method, route, pathParameters],
    ]);
  });

  test.each(['/', '/metric', '/events/a/b', '/events//', '/healthz', '/events/%E0%A4%A', '/metrics/%00%ff', '/../etc/passwd', '//nothing'])(
    'given %s, then 404 says where to look',
    async (path) => {
      const text = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(text).toMatch(/^HTTP\/1\.1 404 /);
      expect(text).toContain('GET /openapi.json lists what there is.');
      expect(calls).toEqual([]);
    },
  );

  test.each([
    ['GET', '/events', 'POST'],
    ['HEAD', '/events', 'POST'],
    ['DELETE', '/metrics/edits', 'GET, HEAD'],
    ['PUT', '/generations/g1/activate', 'POST'],
  ])('given %s %s, then 405 with Allow', async (method, path, allow) => {
    const response = await fetch(url + path, { method });
    expect([response.status, response.headers.get('allow'), response.headers.get('content-type')]).toEqual([405, allow, 'application/problem+json']);
    if (method !== 'HEAD')
      expect(await response.json()).toMatchObject({ type: 'urn:twinstream:problem:method-not-allowed', detail: `Expected ${allow}, got ${method}.` });
    expect(calls).toEqual([]);
  });
});

describe('requests', () => {
  const requestOf = async (path: string, init: RequestInit) => {
    await fetch(url + path, init);
    return calls[0]?.request as HttpRequest;
  };
  test('given a call, then its function gets method, path, query and headers as they were sent', async () => {
    const request = await requestOf('/metrics/edits?by=a%2Cb&x=1+2', {
      headers: { 'X-Some-Header': 'Värde'.normalize(), accept: 'text/csv', cookie: 'a=1; b=2' },
    });
    expect(request).toMatchObject({
      method: 'GET',
      path: '/metrics/edits',
      query: 'by=a%2Cb&x=1+2',
      headers: { accept: 'text/csv', 'x-some-header': expect.any(String) },
    });
    expect(request.body).toHaveLength(0);
  });
  test.each([
    ['ASCII', Buffer.from('{"u":"\\n"}')],
    ['UTF-8', Buffer.from('{"ü":"😀"}')],
    ['any bytes', Buffer.from([0x1f, 0x8b, 0xff, 0x00])],
  ])('given a body of %s, then its very bytes come', async (_, bytes) => {
    expect((await requestOf('/events', { method: 'POST', body: bytes })).body).toEqual(bytes);
  });
  test('given a header twice, then its values come in one, with commas', async () => {
    await raw('GET /health HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nX-A: 2\r\nConnection: close\r\n\r\n');
    expect(calls[0]?.request.headers).toMatchObject({ 'x-a': '1, 2' });
  });
  test('given a chunked body, then it comes whole', async () => {
    await raw('POST /events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n');
    expect(calls[0]?.request.body).toEqual(Buffer.from('{"a":1}'));
  });
});

describe('answers', () => {
  test('given an answer, then status, headers and body are passed on, with its length, and no sniffing', async () => {
    answer = async () => ({ status: 202, headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' }, body: 'grüß' });
    const response = await fetch(`${url}/health`);
    expect([
      response.status,
      response.headers.get('retry-after'),
      response.headers.get('content-length'),
      response.headers.get('x-content-type-options'),
    ]).toEqual([202, '1', '6', 'nosniff']);
    expect(await response.text()).toBe('grüß');
  });
  test('given an answer of bytes, then they are sent as they are', async () => {
    const bytes = new Uint8Array([1, 0, 255, 2]).subarray(1, 3);
    answer = async () => ({ status: 200, headers: {}, body: bytes });
    const response = await fetch(`${url}/health`);
    expect([response.headers.get('content-length'), new Uint8Array(await response.arrayBuffer())]).toEqual(['2', bytes]);
  });
  test('given HEAD of anything that can be got, then its head is that of GET, and no body comes', async () => {
    answer = async () => ({ status: 200, headers: { 'content-type': 'text/plain', etag: '"1"' }, body: 'grüß' });
    const heads = await Promise.all(['GET', 'HEAD'].map((method) => raw(`${method} /metrics/edits?by=a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)));
    const [get = '', head = ''] = heads.map((text) => text.replace(/^Date: .*\r\n/m, ''));
    expect(head).toBe(get.slice(0, get.indexOf('\r\n\r\n') + 4));
    expect(head).toContain('content-length: 6');
    expect(calls.map(({ request }) => [request.method, request.route]).sort()).toEqual([
      ['GET', 'GET /metrics/{name}'],
      ['HEAD', 'GET /metrics/{name}'],
    ]);
  });
  test('given 304, then no length is told, which would be that of the body that is not sent', async () => {
    answer = async () => ({ status: 304, headers: { etag: '"1"' }, body: '' });
    const text = await raw('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 304 /);
    expect(text).not.toMatch(/content-length|transfer-encoding/i);
  });
  test('given a function that throws, then 500, without what went wrong inside', async () => {
    answer = async () => {
      throw new Error('password=secret');
    };
    const response = await fetch(`${url}/health`);
    const text = await response.text();
    expect([response.status, text.includes('secret'), JSON.parse(text).type]).toEqual([500, false, 'urn:twinstream:problem:internal']);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
  });
});

describe('authorization', () => {
  test('given a call that is refused, then its function never sees it, and the answer says why', async () => {
    authorize = async (_, { key, scope }) => {
      throw new Problem(403, 'forbidden', 'The token does not permit this', `${key} ${scope}`, { headers: { 'www-authenticate': 'Bearer' } });
    };
    const response = await fetch(`${url}/events`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([response.status, response.headers.get('www-authenticate'), ((await response.json()) as { detail: string }).detail]).toEqual([
      403,
      'Bearer',
      'POST /events write',
    ]);
    expect(calls).toEqual([]);
  });
});

describe('bodies', () => {
  const MB = 1024 * 1024;
  test('given 10 MB, then they are passed on, as API Gateway does; given a byte more, then 413, and the server goes on', async () => {
    expect((await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(10 * MB, 'x') })).status).toBe(200);
    const response = await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(10 * MB + 1, 'x') });
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
      413,
      'Expected a body of at most 10485760 bytes. Send it in parts.',
    ]);
    expect(calls).toHaveLength(1);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
  test('given 60 MB, then their sender gets to read the 413', async () => {
    expect((await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(60 * MB) })).status).toBe(413);
  });
  test('given a body that ends before its length, then no function sees it', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await new Promise<void>((resolve) => socket.write('POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"cut":', () => resolve()));
    await new Promise<void>((resolve) => socket.on('close', () => resolve()).destroy());
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(calls.map(({ request }) => request.route)).toEqual(['GET /health']);
  });
  test.each([
    ['garbage', Buffer.from([0, 1, 2, 255, 13, 10, 13, 10])],
    ['headers of 20 KB', `GET /health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['a header with a newline smuggled in', 'GET /health HTTP/1.1\r\nHost: x\r\nX-A: 1\n\n2\r\n\r\n'],
    ['a target that is no URL', 'GET http://[x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['two lengths', 'POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ])('given %s, then it is refused, and the server goes on', async (_, bytes) => {
    expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});

describe('more than can be taken', () => {
  const LENGTH = 9_000_000;
  /** Connections that have sent all of their body but for a byte; `end` sends that. */
  const holding = (n: number) =>
    Promise.all(
      Array.from(
        { length: n },
        () =>
          new Promise<{ end: () => Promise<string> }>((resolve) => {
            let received = '';
            const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
              const answer = new Promise<string>((answered) => socket.on('close', () => answered(received)));
              const answerTo = (rest: string): Promise<string> => {
                socket.end(rest);
                return answer;
              };
              socket.write(`POST /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${LENGTH}\r\n\r\n`);
              socket.write(Buffer.alloc(LENGTH - 1, 'x'), () => resolve({ end: () => answerTo('x') }));
            });
            socket.on('data', (chunk) => (received += chunk.toString('latin1')));
          }),
      ),
    );

  test('given bodies that fill the room, then the next one is told at once to come again, questions are answered, and once they have left it is taken', async () => {
    const held = await holding(2); // 18 of 24 MiB
    await until(async () => (await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(LENGTH) })).status === 503);
    const refused = await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(LENGTH) });
    expect([refused.status, refused.headers.get('retry-after'), ((await refused.json()) as { type: string }).type]).toEqual([
      503,
      '1',
      expect.stringContaining('unavailable'),
    ]);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    for (const answered of await Promise.all(held.map(({ end }) => end()))) expect(answered).toMatch(/^HTTP\/1.1 200 /);
    expect((await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(LENGTH) })).status).toBe(200);
    const lengths = calls.filter(({ request }) => request.route === 'POST /events').map(({ request }) => request.body.length);
    expect(lengths.length).toBeGreaterThanOrEqual(3);
    expect(new Set(lengths)).toEqual(new Set([LENGTH]));
  });
});
