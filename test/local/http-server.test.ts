import type { HttpRequest } from '../../shared/request/http.ts';
import { Problem } from '../../shared/request/problem.ts';

import { answering, authorizing, calls, raw, url } from './served-functions.ts';

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
    ['GET', '/events/edit/a/b%20c', 'explain', 'GET /events/{type}/{id+}', { type: 'edit', id: 'a/b c' }],
    ['GET', '/quarantine', 'quarantine', 'GET /quarantine', {}],
    ['POST', '/quarantine/replay', 'quarantine', 'POST /quarantine/replay', {}],
  ])('given %s %s, then %s is called by its route key, with its parameters decoded', async (method, path, name, route, pathParameters) => {
    const response = await fetch(url + path, { method });
    expect([response.status, await response.text()]).toEqual([200, 'fine']);
    expect(calls.map(({ name: called, request }) => [called, request.method, request.route, request.pathParameters])).toEqual([
      [name, method, route, pathParameters],
    ]);
  });

  test.each(['/index.html', '/metric', '/metrics/a/b', '/events//', '/healthz', '/events/%E0%A4%A', '/metrics/%00%ff', '/../etc/passwd', '//nothing'])(
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
    answering(async () => ({ status: 202, headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' }, body: 'grüß' }));
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
    answering(async () => ({ status: 200, headers: {}, body: bytes }));
    const response = await fetch(`${url}/health`);
    expect([response.headers.get('content-length'), new Uint8Array(await response.arrayBuffer())]).toEqual(['2', bytes]);
  });
  test('given HEAD of anything that can be got, then its head is that of GET, and no body comes', async () => {
    answering(async () => ({ status: 200, headers: { 'content-type': 'text/plain', etag: '"1"' }, body: 'grüß' }));
    const heads = await Promise.all(['GET', 'HEAD'].map((method) => raw(`${method} /metrics/edits?by=a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)));
    const [get = '', head = ''] = heads.map((text) => text.replace(/^Date: .*\r\n/m, ''));
    expect(head).toBe(get.slice(0, get.indexOf('\r\n\r\n') + 4));
    expect(head).toContain('content-length: 6');
    expect(calls.map(({ request }) => [request.method, request.route]).sort()).toEqual([
      ['GET', 'GET /metrics/{name}'],
      ['HEAD', 'GET /metrics/{name}'],
    ]);
  });
  test('given 304, then there is no content-length: it would be that of the omitted body', async () => {
    answering(async () => ({ status: 304, headers: { etag: '"1"' }, body: '' }));
    const text = await raw('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 304 /);
    expect(text).not.toMatch(/content-length|transfer-encoding/i);
  });
  test('given a function that throws, then 500, without what went wrong inside', async () => {
    answering(async () => {
      throw new Error('password=secret');
    });
    const response = await fetch(`${url}/health`);
    const text = await response.text();
    expect([response.status, text.includes('secret'), JSON.parse(text).type]).toEqual([500, false, 'urn:twinstream:problem:internal']);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
  });
});

describe('authorization', () => {
  test('given a call that is refused, then its function never sees it, and the answer says why', async () => {
    authorizing(async (_, { key, scope }) => {
      throw new Problem(403, 'forbidden', 'The token does not permit this', `${key} ${scope}`, { headers: { 'www-authenticate': 'Bearer' } });
    });
    const response = await fetch(`${url}/events`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([response.status, response.headers.get('www-authenticate'), ((await response.json()) as { detail: string }).detail]).toEqual([
      403,
      'Bearer',
      'POST /events write',
    ]);
    expect(calls).toEqual([]);
  });
});
