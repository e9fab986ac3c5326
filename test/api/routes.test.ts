import { matcher } from '../../shared/api/matcher.ts';
import { ROUTES, type Route } from '../../shared/api/routes.ts';
import orders from '../support/orders.ts';
import { type System, system } from '../support/system.ts';

let world: System;
beforeAll(async () => {
  world = await system({ pipeline: orders, shards: 1, startMs: Date.parse('2026-11-21T10:00:00Z') });
});
afterAll(() => world.close());

test('given the routes, then no two have one key, or one operation id', () => {
  for (const part of ['key', 'operationId'] as const) expect(new Set(ROUTES.map((route) => route[part])).size).toBe(ROUTES.length);
});

test.each(ROUTES)('given $key, then its function has a handler for it', async ({ key }) => {
  const [method = '', path = ''] = key.split(' ');
  const response = await fetch(world.url + path.replace(/\{\w+\+?\}/g, 'x'), { method });
  // A stream does not end by itself.
  const text = response.ok ? await response.body?.cancel() : await response.text();
  expect([response.status, text]).not.toEqual([404, expect.stringContaining(`There is no ${key}.`)]);
});

test.each(['/v1/batch', '/capture/', '/com.snowplowanalytics.snowplow/tp2', '/v1/logs'])(
  'given a post to %s, as other collectors have it, then 404 says where events go',
  async (path) => {
    const reply = await fetch(world.url + path, { method: 'POST', body: '{}' });
    expect([reply.status, await reply.text()]).toEqual([
      404,
      expect.stringContaining('Events go to POST /events/{type}, as JSON, NDJSON or CSV, or to POST /events, as CloudEvents.'),
    ]);
  },
);
test('given a post to //events/{type}, then it is taken', async () => {
  const reply = await fetch(`${world.url}//events/order`, { method: 'POST', body: '{}' });
  expect(reply.status).toBe(422);
});

describe('a matcher', () => {
  const route = (key: Route['key']): Route => ({ ...ROUTES[0], key });
  const match = matcher([route('GET /a/{name}'), route('GET /a/b'), route('GET /a/{name}/{rest+}'), route('POST /a/{name}'), route('GET /x.json')]);
  const found = (method: string, path: string) => {
    const matched = match(method, path);
    return matched === null || 'allow' in matched ? matched : [matched.route.key, matched.pathParameters];
  };

  test('takes a path that begins with several slashes, as a base URL that ends in one makes it', () => {
    expect(found('POST', '//a/n')).toEqual(['POST /a/{name}', { name: 'n' }]);
    expect(found('GET', '///a/n//r')).toEqual(['GET /a/{name}/{rest+}', { name: 'n', rest: '/r' }]);
  });

  test('takes a literal path before one with a parameter', () => {
    expect([found('GET', '/a/b'), found('GET', '/a/c')]).toEqual([
      ['GET /a/b', {}],
      ['GET /a/{name}', { name: 'c' }],
    ]);
  });
  test('gives parameters percent-decoded, and the rest of a path whole', () => {
    expect(found('GET', '/a/%C3%BC%2F/b/c%2Fd')).toEqual(['GET /a/{name}/{rest+}', { name: 'ü/', rest: 'b/c/d' }]);
    expect(found('GET', '/a/%E0%A4%A')).toBeNull();
  });
  test('takes HEAD where it takes GET, and names the methods of a path', () => {
    expect(found('HEAD', '/a/b')).toEqual(['GET /a/b', {}]);
    expect(found('DELETE', '/a/b')).toEqual({ allow: ['GET', 'HEAD', 'POST'] });
    expect(found('HEAD', '/b')).toBeNull();
  });
  test('takes a dot for a dot', () => {
    expect([found('GET', '/x.json'), found('GET', '/xyjson')]).toEqual([['GET /x.json', {}], null]);
  });
});
