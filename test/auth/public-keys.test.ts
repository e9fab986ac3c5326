import { count, definePipeline, event, metric } from 'twinstream';
import { z } from 'zod';
import { authorize } from '../../functions/authorize.ts';
import { onApiGateway } from '../../functions/middleware/on-api-gateway.ts';
import { access } from '../../local/access.ts';
import { corsOf } from '../../local/cors.ts';
import { CONNECTION_LIMITS, httpServer } from '../../local/http-server.ts';
import { listening } from '../../local/listening.ts';
import { gate } from '../../shared/auth/gate.ts';
import { createPublicKey, createToken, originOf } from '../../shared/auth/tokens.ts';
import type { StoredToken } from '../../shared/ports/token-store.ts';
import { type HttpRequest, json } from '../../shared/request/http.ts';
import { listedTokens } from '../support/listed-tokens.ts';
import { type System, system } from '../support/system.ts';

// Pages of other origins: which may post, which may read the answer, and how preflights are answered.

const SHOP = 'https://shop.example';
const key = createPublicKey([SHOP, 'http://localhost:3000']);
const secret = createToken('write');

const hit = event(z.object({ page: z.string(), at: z.iso.datetime() }), { time: 'at' });
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { n: count() } }) } });

let world: System;
let url: string;
let closing: (() => void) | null = null;
const serve = async (tokens: readonly StoredToken[]): Promise<void> => {
  const doors = gate({ tokens: listedTokens(() => tokens), clock: Date.now });
  const functions = Object.fromEntries(
    ['query', 'search', 'generations', 'quarantine', 'exclusions', 'lookups', 'letters', 'page', 'stats'].map((name) => [
      name,
      async () => json(200, { name }),
    ]),
  );
  const server = httpServer(
    {
      functions: { ...functions, ingest: (request: HttpRequest) => world.functions().ingest(request) } as never,
      authorize: access({ gate: doors, host: '127.0.0.1', figures: { count: () => {} } }),
      cors: corsOf({ gate: doors, host: '127.0.0.1' }),
      answered: () => {},
    },
    CONNECTION_LIMITS,
  );
  url = await listening(server, { host: '127.0.0.1', port: 0 });
  closing = () => {
    server.closeAllConnections();
    server.close();
  };
};
beforeAll(async () => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30Z') });
});
afterEach(() => closing?.());
afterAll(() => world.close());

const BODY = '{"page":"/a","at":"2026-11-21T10:00:00Z"}';
const post = (path: string, headers: Record<string, string>, body = BODY) => fetch(url + path, { method: 'POST', headers, body });
const allowed = (response: Response) => response.headers.get('access-control-allow-origin');

describe('given a public write key', () => {
  beforeEach(() => serve([key.stored, secret.stored]));

  test('a page of its origins posts events and reads the answer', async () => {
    const response = await post('/events/hit', { origin: SHOP, authorization: `Bearer ${key.token}` });
    expect([response.status, allowed(response), response.headers.get('vary')]).toEqual([202, SHOP, 'origin']);
  });

  test('a long answer to such a page varies with its origin, and with what it takes', async () => {
    const wrong = JSON.stringify(Array.from({ length: 20 }, () => ({ page: 1 })));
    const response = await post('/events/hit', { origin: SHOP, authorization: `Bearer ${key.token}`, 'accept-encoding': 'gzip' }, `[${BODY},${wrong.slice(1)}`);
    expect([response.status, response.headers.get('content-encoding'), response.headers.get('vary')]).toEqual([202, 'gzip', 'accept-encoding, origin']);
  });

  test('a beacon of such a page names the key in the query, and sends text', async () => {
    const response = await post(`/events/hit?key=${key.token}`, { origin: SHOP, 'content-type': 'text/plain;charset=UTF-8' });
    expect([response.status, allowed(response)]).toEqual([202, SHOP]);
  });

  test.each([
    ['another page', { origin: 'https://evil.example' }],
    ['a sandboxed page', { origin: 'null' }],
    ['a program that names no origin', {}],
  ])('%s cannot use it', async (_, headers) => {
    for (const response of [
      await post('/events/hit', { ...headers, authorization: `Bearer ${key.token}` }),
      await post(`/events/hit?key=${key.token}`, headers),
    ]) {
      expect([response.status, allowed(response)]).toEqual([403, null]);
      expect(await response.json()).toMatchObject({ type: 'urn:twinstream:problem:foreign-origin' });
    }
  });

  test.each(['/metrics', '/quarantine', '/stats'])('it does not read %s, not even from its page', async (path) => {
    const response = await fetch(url + path, { headers: { origin: SHOP, authorization: `Bearer ${key.token}` } });
    expect([response.status, allowed(response)]).toEqual([403, null]);
  });

  test('a secret token is not taken from the query, where logs would keep it', async () => {
    expect((await post(`/events/hit?key=${secret.token}`, { origin: SHOP })).status).toBe(401);
  });

  test('its page reads what is wrong with its events', async () => {
    const response = await post('/events/hit', { origin: SHOP, authorization: `Bearer ${key.token}` }, '{"page":7}');
    expect([response.status, allowed(response)]).toEqual([422, SHOP]);
  });

  test('a preflight allows the method and headers of a listed page, and nothing to any other', async () => {
    const preflight = (origin: string, path: string) =>
      fetch(url + path, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,idempotency-key' },
      });
    const response = await preflight(SHOP, '/events/hit');
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': SHOP,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization,content-type,idempotency-key',
      'access-control-max-age': '600',
    });
    for (const refused of [await preflight('https://evil.example', '/events/hit'), await preflight(SHOP, '/recompute')])
      expect([refused.status, allowed(refused), refused.headers.get('access-control-allow-methods')]).toEqual([204, null, null]);
    expect((await preflight(SHOP, '/nothing')).status).toBe(404);
  });
});

describe('given a loopback host that never had a token', () => {
  beforeEach(() => serve([]));

  test('pages of this machine do everything', async () => {
    const origin = 'http://localhost:5173';
    const response = await post('/events/hit', { origin });
    expect([response.status, allowed(response)]).toEqual([202, origin]);
    const read = await fetch(`${url}/metrics`, { headers: { origin } });
    expect([read.status, allowed(read)]).toEqual([200, origin]);
  });

  test('a page of another site neither posts nor reads', async () => {
    for (const response of [await post('/events/hit', { origin: SHOP }), await fetch(`${url}/metrics`, { headers: { origin: SHOP } })])
      expect([response.status, allowed(response)]).toEqual([403, null]);
  });
});

describe('on AWS', () => {
  const authorizer = authorize({ tokens: listedTokens(() => [key.stored, secret.stored]), clock: Date.now, telemetry: { count: () => {} } as never });
  const handler = onApiGateway(async () => json(200, {}));
  const call = (origin: string | undefined, lambda: unknown) =>
    handler(
      {
        version: '2.0',
        routeKey: 'POST /events/{type}',
        rawPath: '/events/hit',
        rawQueryString: '',
        headers: origin === undefined ? {} : { origin },
        pathParameters: { type: 'hit' },
        requestContext: { http: { method: 'POST' }, authorizer: { lambda } } as never,
        body: BODY,
        isBase64Encoded: false,
      },
      { getRemainingTimeInMillis: () => 1_000 },
    );

  test('the authorizer says which pages a key is for, and the function refuses others, whatever answer was kept', async () => {
    const judged = await authorizer({ routeKey: 'POST /events/{type}', headers: { authorization: `Bearer ${key.token}` } });
    expect(judged).toEqual({ isAuthorized: true, context: { origins: `${SHOP} http://localhost:3000` } });
    expect((await call(SHOP, judged.context)).statusCode).toBe(200);
    expect((await call('https://evil.example', judged.context)).statusCode).toBe(403);
    expect((await call(undefined, judged.context)).statusCode).toBe(403);
  });

  test('a secret token is for any caller', async () => {
    const judged = await authorizer({ routeKey: 'POST /events/{type}', headers: { authorization: `Bearer ${secret.token}` } });
    expect(judged).toEqual({ isAuthorized: true });
    expect((await call(undefined, judged.context ?? null)).statusCode).toBe(200);
  });
});

test.each([
  ['https://shop.example', 'https://shop.example'],
  ['https://Shop.example:443/', 'https://shop.example'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['https://shop.example/path', null],
  ['*', null],
  ['null', null],
  ['shop.example', null],
  ['file:///tmp', null],
])('the origin of %s is %s', (text, origin) => {
  expect(originOf(text)).toBe(origin);
});
