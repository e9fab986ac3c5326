import { authorize } from '../../functions/authorize.ts';
import { ROUTES } from '../../shared/api/routes.ts';
import { gate } from '../../shared/auth/gate.ts';
import { createToken, SCOPES } from '../../shared/auth/tokens.ts';
import type { StoredToken, TokenStore } from '../../shared/ports/token-store.ts';

const storeOf = () => {
  const tokens: StoredToken[] = [];
  let reads = 0;
  const store: TokenStore = {
    list: async () => {
      reads++;
      return [...tokens];
    },
    add: async (token) => void tokens.push(token),
    withoutTokens: async () => 'closed',
    open: async () => {},
    remove: async ({ id }) => void tokens.splice(0, tokens.length, ...tokens.filter((token) => token.id !== id)),
  };
  return { store, reads: () => reads };
};
const given = async () => {
  let nowMs = 1_000_000;
  const { store, reads } = storeOf();
  const handOut = async (scope: (typeof SCOPES)[number]) => {
    const { token, stored } = createToken(scope);
    await store.add(stored);
    return { header: `Bearer ${token}`, stored };
  };
  return { store, reads, handOut, pass: (ms: number) => (nowMs += ms), clock: () => nowMs };
};
const telemetry = { debug() {}, info() {}, warn() {}, error() {}, count() {}, gauge() {}, observe() {} };

describe('a gate', () => {
  test('lets a token do what its scope says, and admin everything', async () => {
    const { store, clock, handOut } = await given();
    const headers = { write: await handOut('write'), read: await handOut('read'), admin: await handOut('admin') };
    const { judge } = gate({ tokens: store, clock });
    const verdicts = await Promise.all(
      SCOPES.map(async (has) => [has, await Promise.all(SCOPES.map((asked) => judge(headers[has].header, asked).then(({ verdict }) => verdict)))]),
    );
    expect(Object.fromEntries(verdicts)).toEqual({
      write: ['allowed', 'forbidden', 'forbidden'],
      read: ['forbidden', 'allowed', 'forbidden'],
      admin: ['allowed', 'allowed', 'allowed'],
    });
  });

  test.each([
    [undefined, 'missing'],
    ['', 'missing'],
    ['Basic dXNlcjpwYXNz', 'missing'],
    ['Bearer', 'missing'],
    [`Bearer ${'a'.repeat(600)}`, 'missing'],
    ['Bearer twinstream_write_x', 'unknown'],
    ['bearer twinstream_write_x', 'unknown'],
  ])('answers %s with %s', async (header, verdict) => {
    const { store, clock, handOut } = await given();
    await handOut('write');
    expect((await gate({ tokens: store, clock }).judge(header, 'write')).verdict).toBe(verdict);
  });

  test('takes a digest for no token', async () => {
    const { store, clock, handOut } = await given();
    const { stored } = await handOut('admin');
    expect((await gate({ tokens: store, clock }).judge(`Bearer ${stored.digest}`, 'read')).verdict).toBe('unknown');
  });

  test('rotates without a gap: both tokens work until the old one is taken back', async () => {
    const { store, clock, handOut, pass } = await given();
    const old = await handOut('write');
    const { judge } = gate({ tokens: store, clock });
    expect((await judge(old.header, 'write')).verdict).toBe('allowed');
    const fresh = await handOut('write');
    pass(5_000);
    expect((await judge(fresh.header, 'write')).verdict).toBe('allowed');
    expect((await judge(old.header, 'write')).verdict).toBe('allowed');
    await store.remove(old.stored);
    pass(60_000);
    expect((await judge(old.header, 'write')).verdict).toBe('unknown');
    expect((await judge(fresh.header, 'write')).verdict).toBe('allowed');
  });

  test('asks the store once a minute for known tokens, and every five seconds at most for unknown ones', async () => {
    const { store, clock, handOut, pass, reads } = await given();
    const { header } = await handOut('write');
    const { judge } = gate({ tokens: store, clock });
    for (let second = 0; second < 60; second++, pass(1_000)) await judge(header, 'write');
    expect(reads()).toBe(1);
    for (let second = 0; second < 60; second++, pass(1_000)) await judge('Bearer guess', 'write');
    expect(reads()).toBe(1 + 12);
  });

  test('uses its last list for ten minutes while the store is throttled, asks every five seconds, and refuses nobody for good', async () => {
    const { store, clock, handOut, pass } = await given();
    let reads = 0;
    let isThrottled = false;
    const list = () => {
      reads++;
      return isThrottled ? Promise.reject(new Error('ThrottlingException')) : store.list();
    };
    const { header, stored } = await handOut('write');
    const { judge, doors } = gate({ tokens: { ...store, list }, clock });
    expect((await judge(header, 'write')).verdict).toBe('allowed');
    [isThrottled, reads] = [true, 0];
    // Revoked meanwhile, which only the store knows.
    await store.remove(stored);
    const fresh = await handOut('read');
    for (let second = 0; second < 599; second++) {
      pass(1_000);
      expect([(await judge(header, 'write')).verdict, (await judge(header, 'read')).verdict, await doors()]).toEqual(['allowed', 'forbidden', 'tokens']);
    }
    expect(reads).toBeLessThanOrEqual(120);
    // A token that is not in the list may be new: that is no refusal, which would be cached.
    await expect(judge(fresh.header, 'read')).rejects.toThrow('ThrottlingException');
    pass(1_000);
    await expect(judge(header, 'write')).rejects.toThrow('ThrottlingException');
    isThrottled = false;
    pass(5_000);
    expect([(await judge(header, 'write')).verdict, (await judge(fresh.header, 'read')).verdict]).toEqual(['unknown', 'allowed']);
  });

  test('without any list yet, tries again at each call', async () => {
    const { store, clock, handOut } = await given();
    const { header } = await handOut('write');
    let isDown = true;
    const { judge } = gate({ tokens: { ...store, list: () => (isDown ? Promise.reject(new Error('down')) : store.list()) }, clock });
    await expect(judge(header, 'write')).rejects.toThrow('down');
    isDown = false;
    expect((await judge(header, 'write')).verdict).toBe('allowed');
  });
});

describe('the authorizer of the HTTP API', () => {
  test.each(ROUTES)('$key takes the tokens of its scope, and no others', async ({ key, scope }) => {
    const { store, clock, handOut } = await given();
    const tokens = await Promise.all(SCOPES.map(async (has) => ({ has, ...(await handOut(has)) })));
    const handler = authorize({ tokens: store, clock, telemetry });
    for (const { has, header } of tokens)
      expect(await handler({ routeKey: key, headers: { authorization: header } })).toEqual({
        isAuthorized: scope === null || has === scope || has === 'admin',
      });
    expect(await handler({ routeKey: key, headers: {} })).toEqual({ isAuthorized: scope === null });
  });

  test('a route that it does not know is closed, to admins too', async () => {
    const { store, clock, handOut } = await given();
    const { header } = await handOut('admin');
    expect(await authorize({ tokens: store, clock, telemetry })({ routeKey: 'GET /new', headers: { authorization: header } })).toEqual({ isAuthorized: false });
  });
});
