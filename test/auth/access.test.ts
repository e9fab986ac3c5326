import { access } from '../../local/access.ts';
import { gate } from '../../shared/auth/gate.ts';
import { createToken } from '../../shared/auth/tokens.ts';
import type { HttpEvent } from '../../shared/http/http.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import type { StoredToken } from '../../shared/ports/token-store.ts';

let refused = 0;
beforeEach(() => {
  refused = 0;
});

const ask = async (host: string, headers: Record<string, string>, handedOut: readonly StoredToken[] = []) => {
  const tokens = { list: async () => handedOut, add: async () => {}, remove: async () => {} };
  const check = access({ gate: gate({ tokens, clock: () => 0 }), host, figures: { count: (_, n) => void (refused += n) } });
  const route = ROUTES.find(({ key }) => key === 'GET /metrics');
  return check({ headers } as unknown as HttpEvent, route as (typeof ROUTES)[number]).then(
    () => 200,
    (error) => error.status,
  );
};

describe('on a loopback address without tokens', () => {
  test.each([
    ['a program of this machine', { host: '127.0.0.1:8080' }, 200],
    ['a page that this machine serves', { host: 'localhost:8080', origin: 'http://localhost:3000' }, 200],
    ['IPv6', { host: '[::1]:8080' }, 200],
    ['a page of another site', { host: '127.0.0.1:8080', origin: 'https://example.com' }, 403],
    ['a sandboxed page', { host: '127.0.0.1:8080', origin: 'null' }, 403],
    ['a name that was bound to this machine', { host: 'rebound.example:8080' }, 403],
    ['a name that only looks like an address', { host: '127.evil.example' }, 403],
  ])('%s', async (_, headers, status) => {
    expect(await ask('127.0.0.1', headers)).toBe(status);
    expect(refused).toBe(status === 200 ? 0 : 1);
  });
});

describe('with tokens', () => {
  const { token, stored } = createToken('read');
  test.each([
    ['the token', { authorization: `Bearer ${token}` }, 200],
    ['none', {}, 401],
    ['another', { authorization: 'Bearer other' }, 401],
  ])('%s', async (_, headers, status) => {
    expect(await ask('127.0.0.1', { host: '127.0.0.1:8080', ...headers }, [stored])).toBe(status);
    expect(await ask('0.0.0.0', { host: 'twinstream.example', ...headers }, [stored])).toBe(status);
  });

  test('a token of another scope', async () => {
    const write = createToken('write');
    expect(await ask('127.0.0.1', { authorization: `Bearer ${write.token}` }, [stored, write.stored])).toBe(403);
  });
});

test('an address that others reach answers nobody without tokens', async () => {
  expect(await ask('0.0.0.0', { host: '127.0.0.1:8080' })).toBe(401);
});
