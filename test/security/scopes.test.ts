import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { authorize } from '../../functions/authorize.ts';
import { access } from '../../local/access.ts';
import { CONNECTION_LIMITS, httpServer } from '../../local/http-server.ts';
import { ROUTES, type Route } from '../../shared/api/routes.ts';
import { gate } from '../../shared/auth/gate.ts';
import { allows, createToken, SCOPES } from '../../shared/auth/tokens.ts';
import type { HttpHandler } from '../../shared/request/http.ts';
import { listedTokens } from '../support/listed-tokens.ts';
import { quiet } from '../support/world.ts';

// Every route by every way to name oneself, on both platforms' own gates. The table comes from ROUTES, so a new route is in it.

const held = Object.fromEntries(SCOPES.map((scope) => [scope, createToken(scope)])) as Record<(typeof SCOPES)[number], ReturnType<typeof createToken>>;
const takenBack = createToken('admin');
const tokens = listedTokens(() => Object.values(held).map(({ stored }) => stored));
const reader = held.read.token;

/** Authorization headers; what a scope's own token may do is told from `has`. */
const CALLERS: readonly { readonly name: string; readonly header: string | null; readonly has: (typeof SCOPES)[number] | null }[] = [
  ...SCOPES.map((has) => ({ name: has, header: `Bearer ${held[has].token}`, has })),
  { name: 'none', header: null, has: null },
  { name: 'an empty one', header: '', has: null },
  { name: 'garbage', header: 'Bearer \u00ff\u00fe{}', has: null },
  { name: 'one that was taken back', header: `Bearer ${takenBack.token}`, has: null },
  { name: 'a digest', header: `Bearer ${held.admin.stored.digest}`, has: null },
  { name: 'its id', header: `Bearer ${held.admin.stored.id}`, has: null },
  { name: 'one cut short', header: `Bearer ${held.admin.token.slice(0, -1)}`, has: null },
  { name: 'one with more behind', header: `Bearer ${held.admin.token}A`, has: null },
  { name: 'one in other letters', header: `Bearer ${held.admin.token.toUpperCase()}`, has: null },
  { name: 'another scheme', header: `Basic ${Buffer.from(`admin:${held.admin.token}`).toString('base64')}`, has: null },
  { name: 'two in one', header: `Bearer ${reader}, Bearer ${held.admin.token}`, has: null },
  { name: 'a very long one', header: `Bearer ${'a'.repeat(4_000)}`, has: null },
  { name: 'SQL', header: "Bearer ' OR 1=1 --", has: null },
];
const mayCall = (route: Route, has: (typeof CALLERS)[number]['has']): boolean => route.scope === null || (has !== null && allows(has, route.scope));

let server: Server;
let called: string[];
let at: { host: string; port: number };
beforeAll(async () => {
  const handler: HttpHandler = async ({ route }) => {
    called.push(route);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
  };
  const functions = Object.fromEntries(ROUTES.map(({ function: name }) => [name, handler])) as Record<Route['function'], HttpHandler>;
  const check = access({ gate: gate({ tokens, clock: Date.now }), host: '127.0.0.1', figures: quiet });
  server = httpServer({ functions, authorize: check, cors: async () => ({}), answered: () => {} }, CONNECTION_LIMITS);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  at = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
});
beforeEach(() => {
  called = [];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
/** Raw, since HTTP clients refuse to send some of these. */
const call = (method: string, path: string, headers: readonly string[]): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const socket = connect(at.port, at.host);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('close', () => resolve({ status: Number(text.slice(9, 12)), text }));
    socket.on('error', reject);
    socket.write(
      `${[`${method} ${path} HTTP/1.1`, `Host: ${at.host}:${at.port}`, 'Content-Length: 0', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`,
      'latin1',
    );
  });
const pathOf = ({ key }: Route) => (key.split(' ')[1] ?? '').replace(/\{\w+\}/g, 'any');

describe.each(ROUTES)('$key', (route) => {
  const [method = ''] = route.key.split(' ');
  test.each(CALLERS)('by $name', async ({ header, has }) => {
    const may = mayCall(route, has);
    const { status, text } = await call(method, pathOf(route), header === null ? [] : [`Authorization: ${header}`]);
    expect([status, called]).toEqual(may ? [200, [route.key]] : [has === null ? 401 : 403, []]);
    if (!may) expect(text).toMatch(/^www-authenticate: Bearer/im);
    // An answer never says what was sent as a secret.
    for (const { token } of [...Object.values(held), takenBack]) expect(text).not.toContain(token);
    const judged = await authorize({ tokens, clock: Date.now, telemetry: quiet })({
      routeKey: route.key,
      headers: header === null ? {} : { authorization: header },
    });
    expect(judged.isAuthorized).toBe(may);
  });

  test('by a token anywhere but in the header', async () => {
    if (route.scope === null) return;
    for (const [path, headers] of [
      [`?access_token=${held.admin.token}`, []],
      [`?authorization=Bearer%20${held.admin.token}`, []],
      ['', [`Cookie: authorization=Bearer ${held.admin.token}`]],
      ['', [`X-Authorization: Bearer ${held.admin.token}`, `Proxy-Authorization: Bearer ${held.admin.token}`]],
    ] as const)
      expect([path, (await call(method, pathOf(route) + path, headers)).status, called]).toEqual([path, 401, []]);
  });

  test('by another method, no token helps', async () => {
    const admin = [`Authorization: Bearer ${held.admin.token}`];
    const taken = ROUTES.filter((other) => pathOf(other) === pathOf(route)).map(({ key }) => key.split(' ')[0]);
    for (const other of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'].filter(
      (name) => !taken.includes(name === 'HEAD' ? 'GET' : name),
    )) {
      const { status } = await call(other, pathOf(route), admin);
      expect([other, status, called]).toEqual([other, 405, []]);
    }
    expect((await call('HACK', pathOf(route), admin)).status).toBe(400);
  });
});

test('a path in other letters, doubled or with dots is no way around', async () => {
  for (const path of [
    '/Metrics',
    '/metrics//edits',
    '/./quarantine',
    '/metrics/../quarantine',
    '/%71uarantine',
    '//quarantine',
    '/quarantine;x',
    '/quarantine%00',
    '\\quarantine',
  ]) {
    const { status } = await call('GET', path, []);
    expect([path, status === 401 || status === 404 || status === 400, called]).toEqual([path, true, []]);
  }
});
