import { createPublicKey, createToken } from '../../shared/auth/tokens.ts';
import type { TokenStore } from '../../shared/ports/token-store.ts';

/** What every token store keeps. `makeStore` answers an empty one. */
export const describeTokenStore = (makeStore: () => Promise<TokenStore>): void => {
  const by = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

  test('a new store has no tokens', async () => {
    expect(await (await makeStore()).list()).toEqual([]);
  });

  test('every token that was added is listed, past one page too', async () => {
    const store = await makeStore();
    const stored = Array.from({ length: 12 }, (_, i) => createToken(i % 2 === 0 ? 'write' : 'admin').stored);
    for (const token of stored) await store.add(token);
    expect([...(await store.list())].sort(by)).toEqual([...stored].sort(by));
  });

  test('a public key keeps its origins', async () => {
    const store = await makeStore();
    const { stored } = createPublicKey(['https://shop.example', 'http://localhost:3000']);
    await store.add(stored);
    expect(await store.list()).toEqual([stored]);
  });

  test('a token that was taken back is gone, the others stay, and taking it back again is no error', async () => {
    const store = await makeStore();
    const [first, second] = [createToken('write').stored, createToken('read').stored];
    await store.add(first);
    await store.add(second);
    await store.remove(first);
    expect(await store.list()).toEqual([second]);
    await store.remove(first);
    expect(await store.list()).toEqual([second]);
  });

  test('a store that has had a token is closed when none is left, and does not open while it has one', async () => {
    const store = await makeStore();
    const token = createToken('read').stored;
    await store.add(token);
    await expect(store.open()).rejects.toThrow(/^Expected /);
    await store.remove(token);
    expect(await store.withoutTokens()).toBe('closed');
  });
};
