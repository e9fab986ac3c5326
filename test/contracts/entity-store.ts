import { randomUUID } from 'node:crypto';
import type { EntityItem, EntityStore, EntityWrite } from '../../shared/ports/entity-store.ts';
import { scanned } from '../support/scanned.ts';

const MAX_STATE_BYTES = 370_000;
const FIELDS = {
  title: 'Ærøskøbing “1”',
  edits: 27,
  mean: -0.1,
  robot: false,
  nothing: null,
  size: { p50: 1, p99: 2.5 },
  pages: [
    { value: 'a', count: 2 },
    { value: '', count: 1 },
  ],
};

/** What every EntityStore promises. `make` gives a store; a test writes to an entity of its own. */
export const describeEntityStore = (make: () => Promise<EntityStore>): void => {
  const setUp = async () => {
    const entity = `e${randomUUID()}@0123456789ab`;
    const item = (key: string, version: number, other: Partial<EntityItem> = {}): EntityItem => ({
      entity,
      key,
      version,
      deleted: false,
      fields: FIELDS,
      state: Buffer.from(`${key} ${version}`),
      ...other,
    });
    const fresh = (...items: EntityItem[]): EntityWrite[] => items.map((one) => ({ item: one, expected: null }));
    return { store: await make(), entity, item, fresh };
  };
  const plain = (item: EntityItem | null | undefined) => item && { ...item, state: Buffer.from(item.state).toString('latin1') };
  const collect = async (store: EntityStore, entity: string) => (await scanned(store, entity)).sort((a, b) => (a.key < b.key ? -1 : 1));

  test('reads back what was written, every kind of field, in the keys’ order', async () => {
    const { store, entity, item, fresh } = await setUp();
    const keys = ['', 'a', 'a#b', 'Ωmega', '日本語', '__proto__', "it's", 'nul\u0000l', 'nul\u0000'];
    const items = keys.map((key, i) => item(key, 1, { deleted: i === 2, fields: i === 2 ? {} : FIELDS }));
    expect(await store.put(fresh(...items))).toEqual(keys.map(() => true));
    const asked = [...keys, 'none', 'a'];
    const read = await store.get(asked.map((key) => ({ entity, key })));
    expect(read.map(plain)).toEqual([...items.map(plain), null, plain(items[1])]);
    expect(await store.get([])).toEqual([]);
    expect((await collect(store, entity)).map(({ key }) => key).sort()).toEqual([...keys].sort());
  });

  test('writes a new item once, and replaces one only over the version that it expects', async () => {
    const { store, entity, item, fresh } = await setUp();
    expect(await store.put(fresh(item('a', 1)))).toEqual([true]);
    expect(await store.put(fresh(item('a', 1)))).toEqual([false]);
    expect(await store.put([{ item: item('a', 3), expected: 2 }])).toEqual([false]);
    expect(await store.put([{ item: item('b', 2), expected: 1 }])).toEqual([false]);
    expect(await store.put([{ item: item('a', 2), expected: 1 }])).toEqual([true]);
    expect((await store.get([{ entity, key: 'a' }])).map(plain)).toEqual([plain(item('a', 2))]);
  });

  test('finds by its cheaper reads what is there, once it has been there for a while', async () => {
    const { store, entity, item, fresh } = await setUp();
    await store.put(fresh(item('a', 1), item('b', 1)));
    const keys = ['b', 'none', 'a'].map((key) => ({ entity, key }));
    // DynamoDB takes up to a second or so.
    let found = await store.recent(keys);
    for (const stopMs = Date.now() + 10_000; found.filter((one) => one !== null).length < 2 && Date.now() < stopMs; ) found = await store.recent(keys);
    expect(found.map((one) => (one === null ? null : plain(one)))).toEqual([plain(item('b', 1)), null, plain(item('a', 1))]);
  });

  test('lets exactly one of many writers win', async () => {
    const { store, entity, item } = await setUp();
    for (const expected of [null, 1]) {
      const writers = Array.from({ length: 20 }, (_, i) => item('a', (expected ?? 0) + 1, { state: Buffer.from(`writer ${i}`) }));
      const won = (await Promise.all(writers.map((one) => store.put([{ item: one, expected }])))).flat();
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(plain((await store.get([{ entity, key: 'a' }]))[0])).toEqual(plain(writers[won.indexOf(true)]));
    }
  });

  test('answers for each of many items, in order', async () => {
    const { store, entity, item, fresh } = await setUp();
    const every = Array.from({ length: 250 }, (_, i) => item(`k${String(i).padStart(3, '0')}`, 1));
    await store.put(fresh(...every.filter((_, i) => i % 3 === 0)));
    expect(await store.put(fresh(...every))).toEqual(every.map((_, i) => i % 3 !== 0));
    expect((await collect(store, entity)).map(plain)).toEqual(every.map(plain));
  });

  test('removes items, whether they are there or not, and takes them anew', async () => {
    const { store, entity, item, fresh } = await setUp();
    await store.put(fresh(item('a', 1), item('b', 1)));
    await store.remove([
      { entity, key: 'a' },
      { entity, key: 'none' },
    ]);
    expect((await store.get([item('a', 0), item('b', 0)])).map(plain)).toEqual([null, plain(item('b', 1))]);
    expect(await store.put(fresh(item('a', 1)))).toEqual([true]);
  });

  test('scans one entity alone', async () => {
    const { store, entity, item, fresh } = await setUp();
    const other = `${entity}x`;
    await store.put(fresh(item('a', 1), item('b', 1, { deleted: true, fields: {} }), { ...item('c', 1), entity: other }));
    expect((await collect(store, entity)).map(({ key }) => key)).toEqual(['a', 'b']);
    expect((await collect(store, other)).map(({ key }) => key)).toEqual(['c']);
    expect(await collect(store, `${entity}y`)).toEqual([]);
  });

  test('goes on with a scan where it stopped, also after the last item that it gave is gone', async () => {
    const { store, entity, item, fresh } = await setUp();
    // More than one part of any store holds, which takes 1 MB of DynamoDB.
    const keys = Array.from({ length: 1_050 }, (_, i) => `k${i}`);
    await store.put(fresh(...keys.map((key) => item(key, 1, { state: Buffer.alloc(1_500, key) }))));
    const first = await store.scan(entity, null);
    const given = first.items.map(({ key }) => key);
    expect(given.length).toBeGreaterThan(0);
    expect(given.length).toBeLessThan(keys.length);
    await store.remove(given.map((key) => ({ entity, key })));
    const rest: string[] = [];
    for (let after = first.next; after !== null; ) {
      const { items, next } = await store.scan(entity, after);
      rest.push(...items.map(({ key }) => key));
      after = next;
    }
    expect([...given, ...rest].sort()).toEqual(keys.sort());
  });

  test('holds an item near the limit, and numbers that a database may not know', async () => {
    const { store, entity, item, fresh } = await setUp();
    const large = item('large', 1, { state: Buffer.alloc(MAX_STATE_BYTES, 7) });
    const odd = item('odd', 1, { fields: { large: 1e300, small: 5e-324, zero: 0, most: Number.MAX_SAFE_INTEGER } });
    await store.put(fresh(large, odd));
    const [a, b] = await store.get([
      { entity, key: 'large' },
      { entity, key: 'odd' },
    ]);
    expect(a?.state.length).toBe(MAX_STATE_BYTES);
    expect(b?.fields).toEqual({ large: '1e+300', small: '5e-324', zero: 0, most: Number.MAX_SAFE_INTEGER });
  });
};
