import { readFileSync } from 'node:fs';
import type { ApiGatewayEvent } from '../../functions/middleware/api-gateway.ts';
import { onOwnUrl } from '../../functions/middleware/on-own-url.ts';
import { createPublicKey, createToken } from '../../shared/auth/tokens.ts';
import type { StoredToken, TokenStore } from '../../shared/ports/token-store.ts';
import { UNLIMITED } from '../../shared/request/http.ts';
import { type System, system } from '../support/system.ts';
import { hits, quiet } from '../support/world.ts';

// ingest behind a URL of its own: nobody has checked the token before.

const example = JSON.parse(readFileSync('test/events/ingest.json', 'utf8')) as ApiGatewayEvent;
const [write, read, page] = [createToken('write'), createToken('read'), createPublicKey(['https://shop.example'])];

let world: System;
let refused = 0;
let listed: readonly StoredToken[] = [write.stored, read.stored, page.stored];
const tokens = { list: async () => listed } as Pick<TokenStore, 'list'> as TokenStore;
const telemetry = { ...quiet, count: (name: string, n: number) => void (name === 'refused_calls' && (refused += n)) };

beforeEach(async () => {
  refused = 0;
  listed = [write.stored, read.stored, page.stored];
  world = await system({ pipeline: hits, shards: 1, startMs: Date.parse('2026-11-21T10:00:30Z') });
});
afterEach(() => world.close());

const call = async (headers: Record<string, string>, { path = '/events/hit', method = 'POST', query = '', routeKey = '$default' } = {}) => {
  const handler = onOwnUrl(world.functions().ingest, { name: 'ingest', tokens: () => tokens, clock: world.clock, telemetry });
  const { pathParameters: _, ...event } = example;
  const { authorizer: __, ...context } = example.requestContext as ApiGatewayEvent['requestContext'] & { authorizer?: unknown };
  const called = {
    ...event,
    routeKey,
    rawPath: path,
    rawQueryString: query,
    headers: { 'content-type': 'application/json', ...headers },
    requestContext: { ...context, routeKey, http: { ...context.http, method, path } },
    body: JSON.stringify({ at: '2026-11-21T09:00:00Z', page: 'a', n: 1 }),
    isBase64Encoded: false,
  };
  const { statusCode, headers: answered, body } = await handler(called as ApiGatewayEvent, UNLIMITED);
  return { status: statusCode, headers: answered, body: JSON.parse(body ?? '{}') };
};
const bearer = ({ token }: { token: string }) => ({ authorization: `Bearer ${token}` });

test('given a write token, then the event is durable', async () => {
  expect(await call(bearer(write))).toMatchObject({ status: 202, body: { accepted: 1 } });
  expect(await world.log.shards()).toHaveLength(1);
  expect(refused).toBe(0);
});

test.each([
  ['no token', {}, 401, 'Bearer'],
  ['an unknown one', bearer(createToken('write')), 401, 'Bearer error="invalid_token"'],
  ['one that only reads', bearer(read), 403, 'Bearer error="insufficient_scope", scope="write"'],
])('given %s, then the call is refused and counted, and nothing is kept', async (_, headers, status, challenge) => {
  expect(await call(headers)).toMatchObject({ status, headers: { 'www-authenticate': challenge } });
  expect(refused).toBe(1);
  const [shard] = await world.log.shards();
  expect(await world.waiting('aggregate', shard?.id ?? '')).toEqual([]);
});

test('given the key of pages, then only their origins may use it, in a header or in the query', async () => {
  expect(await call({ ...bearer(page), origin: 'https://shop.example' })).toMatchObject({ status: 202 });
  expect(await call({ origin: 'https://shop.example' }, { query: `key=${page.token}` })).toMatchObject({ status: 202 });
  expect(await call({ ...bearer(page), origin: 'https://other.example' })).toMatchObject({ status: 403 });
  expect(await call({}, { query: `key=${write.token}` })).toMatchObject({ status: 401 });
});

test('given a path or a method that ingest does not have, then it is refused before anything else', async () => {
  expect(await call(bearer(read), { path: '/metrics/hits', method: 'GET' })).toMatchObject({ status: 404 });
  expect(await call(bearer(write), { method: 'GET' })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
});

test('given a token store that fails, then nobody gets in', async () => {
  const failing = { list: async () => Promise.reject(new Error('throttled')) } as unknown as TokenStore;
  const handler = onOwnUrl(world.functions().ingest, { name: 'ingest', tokens: () => failing, clock: world.clock, telemetry });
  const event = { ...example, routeKey: '$default', rawPath: '/events/hit', headers: bearer(write) };
  expect(await handler(event, UNLIMITED)).toMatchObject({ statusCode: 500 });
});

test('given a call of API Gateway, whose authorizer has decided, then tokens are not looked up again', async () => {
  listed = [];
  const handler = onOwnUrl(world.functions().ingest, { name: 'ingest', tokens: () => tokens, clock: world.clock, telemetry });
  const { statusCode } = await handler({ ...example, pathParameters: { type: 'hit' }, rawPath: '/events/hit', routeKey: 'POST /events/{type}' }, UNLIMITED);
  expect([401, 403]).not.toContain(statusCode);
});
