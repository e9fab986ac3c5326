import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { access } from '../../local/access.ts';
import { tokenFile } from '../../shared/adapters/files/token-file.ts';
import { ROUTES } from '../../shared/api/routes.ts';
import { gate } from '../../shared/auth/gate.ts';
import { createToken } from '../../shared/auth/tokens.ts';
import type { StoredToken, TokenStore } from '../../shared/ports/token-store.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { listedTokens } from '../support/listed-tokens.ts';

let refused = 0;
beforeEach(() => {
  refused = 0;
});

const ask = async (host: string, headers: Record<string, string>, handedOut: readonly StoredToken[] = []) => {
  const check = access({ gate: gate({ tokens: listedTokens(() => handedOut), clock: () => 0 }), host, figures: { count: (_, n) => void (refused += n) } });
  const route = ROUTES.find(({ key }) => key === 'GET /metrics');
  return check({ headers }, route as (typeof ROUTES)[number]).then(
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

describe('on a loopback address whose tokens went', () => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'tokens.json');
  afterAll(folder.remove);
  const { stored } = createToken('admin');
  let nowMs = 0;
  /** What a call without a token gets, from a host that runs for longer than it keeps the list. */
  const hostOver = (store: TokenStore) => {
    const check = access({ gate: gate({ tokens: store, clock: () => nowMs }), host: '127.0.0.1', figures: { count: () => {} } });
    const route = ROUTES.find(({ key }) => key === 'POST /recompute') as (typeof ROUTES)[number];
    return async (): Promise<readonly [number, string]> => {
      nowMs += 5_000;
      return check({ headers: { host: '127.0.0.1:8080' } }, route).then(
        () => [200, ''] as const,
        (error) => [error.status, error.message] as const,
      );
    };
  };
  const closed = [401, expect.stringContaining('npm run token -- open')];
  beforeEach(async () => {
    for (const name of ['tokens.json', 'access.json', 'elsewhere.json']) rmSync(join(folder.path, name), { force: true });
    await tokenFile({ path }).add(stored);
  });

  test.each([
    ['their file was moved away', () => renameSync(path, join(folder.path, 'elsewhere.json'))],
    ['the last one was removed', () => tokenFile({ path }).remove(stored)],
    ['their file was emptied', () => writeFileSync(path, '{"tokens":[]}')],
    ['the whole folder was emptied', () => rmSync(folder.path, { recursive: true })],
  ])('%s: it stays closed while it runs', async (_, lose) => {
    const call = hostOver(tokenFile({ path }));
    expect((await call())[0]).toBe(401);
    await lose();
    expect(await call()).toEqual(closed);
  });

  test('it stays closed after a restart, until it is opened explicitly, and a new token closes it again', async () => {
    rmSync(path);
    const call = hostOver(tokenFile({ path }));
    expect(await call()).toEqual(closed);
    await tokenFile({ path }).open();
    expect(await call()).toEqual([200, '']);
    expect(await hostOver(tokenFile({ path }))()).toEqual([200, '']);
    await tokenFile({ path }).add(createToken('read').stored);
    expect((await call())[0]).toBe(401);
    rmSync(path);
    expect(await call()).toEqual(closed);
  });

  test('a host that saw tokens of an older version remembers them for the next', async () => {
    rmSync(join(folder.path, 'access.json'));
    expect((await hostOver(tokenFile({ path }))())[0]).toBe(401);
    rmSync(path);
    expect(await hostOver(tokenFile({ path }))()).toEqual(closed);
  });

  test('a file of doors that is damaged is closed', async () => {
    rmSync(path);
    writeFileSync(join(folder.path, 'access.json'), '{"with');
    expect(await hostOver(tokenFile({ path }))()).toEqual(closed);
  });
});
