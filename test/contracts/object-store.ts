import { crc32 } from 'node:zlib';
import type { ObjectStore, StoredObject } from '../../shared/ports/object-store.ts';

/** What every ObjectStore promises. `make` gives an empty one. */
export const describeObjectStore = (make: () => Promise<ObjectStore>): void => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text));
  const listed = async (store: ObjectStore, prefix: string, after: string): Promise<StoredObject[]> => {
    const found: StoredObject[] = [];
    for await (const one of store.list(prefix, after)) found.push(one);
    return found;
  };
  const keysOf = async (store: ObjectStore, prefix: string, after = '') => (await listed(store, prefix, after)).map(({ key }) => key);
  const text = (body: Uint8Array | null) => body && Buffer.from(body).toString();

  test('a file reads as it was written, in place of what stood there', async () => {
    const store = await make();
    expect(await store.get('raw/epoch=1/a.gz')).toBeNull();
    await store.put('raw/epoch=1/a.gz', bytes('a longer first text'));
    await store.put('raw/epoch=1/a.gz', bytes('second'));
    expect(text(await store.get('raw/epoch=1/a.gz'))).toBe('second');
    expect(await store.get('raw/epoch=1/a')).toBeNull();
  });

  test('files of every byte, of none, of megabytes, and slices keep their bytes', async () => {
    const store = await make();
    const large = Uint8Array.from({ length: 6_000_000 }, (_, i) => (i * 7919) >> 3);
    const bodies = [Uint8Array.from({ length: 256 }, (_, i) => i), new Uint8Array(), large, Buffer.from('..inner..').subarray(2, 7)];
    for (const [i, body] of bodies.entries()) {
      await store.put(`f${i}`, body);
      expect(Buffer.compare((await store.get(`f${i}`)) ?? Buffer.from('nothing'), body)).toBe(0);
    }
    expect(await listed(store, 'f', '')).toEqual(bodies.map((body, i) => ({ key: `f${i}`, bytes: body.length })));
  });

  test('a range of a file has its bytes, fewer past its end; a file that does not exist has none', async () => {
    const store = await make();
    const body = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3);
    await store.put('a/b', body);
    for (const [from, to] of [
      [0, 1],
      [0, 300_000],
      [123_456, 234_567],
      [299_999, 300_000],
      [299_000, 400_000],
    ] as const)
      expect(Buffer.compare((await store.getRange('a/b', from, to)) ?? Buffer.from('nothing'), body.slice(from, to))).toBe(0);
    expect((await store.getRange('a/b', 300_000, 300_010))?.length).toBe(0);
    expect((await store.getRange('a/b', 400_000, 400_010))?.length).toBe(0);
    expect(await store.getRange('a/c', 0, 10)).toBeNull();
    (await store.getRange('a/b', 0, 10))?.fill(0);
    expect(Buffer.compare((await store.get('a/b')) ?? Buffer.from('nothing'), body)).toBe(0);
  });

  test('files that are removed while they are listed are no error', async () => {
    const store = await make();
    for (const key of ['raw/a', 'raw/b', 'raw/c']) await store.put(key, bytes(key));
    const found: string[] = [];
    for await (const { key } of store.list('raw/', '')) {
      found.push(key);
      if (key === 'raw/a') await store.remove(['raw/b', 'raw/c']);
    }
    expect(found[0]).toBe('raw/a');
    expect(await keysOf(store, 'raw/')).toEqual(['raw/a']);
  });

  test('what a get gives is the caller’s own', async () => {
    const store = await make();
    await store.put('a', bytes('text'));
    (await store.get('a'))?.fill(0);
    expect(text(await store.get('a'))).toBe('text');
  });

  test('a checksum is that of the bytes, or null where the store vouches for them', async () => {
    const store = await make();
    const large = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) >> 3);
    for (const body of [bytes('text'), new Uint8Array(), large]) {
      await store.put('a/b.c', body);
      expect([null, crc32(body)]).toContain(await store.checksum('a/b.c'));
    }
    expect(await store.checksum('a/nothing')).toBeNull();
  });

  test('list goes by the keys’ bytes, whatever their folders, by prefix and after a key', async () => {
    const store = await make();
    const keys = ['a-b', 'a.b', 'a/b-c', 'a/b/c', 'a/b/d=1/e', 'a/b0', 'a=b', 'aB', 'a_b', 'b/A', 'b/a'];
    for (const key of [...keys].reverse()) await store.put(key, bytes(key));
    expect(await keysOf(store, '')).toEqual(keys);
    expect(await keysOf(store, 'a/')).toEqual(['a/b-c', 'a/b/c', 'a/b/d=1/e', 'a/b0']);
    expect(await keysOf(store, 'a/b')).toEqual(['a/b-c', 'a/b/c', 'a/b/d=1/e', 'a/b0']);
    expect(await keysOf(store, 'a/b/')).toEqual(['a/b/c', 'a/b/d=1/e']);
    for (const prefix of ['', 'a', 'a/', 'a/b', 'b/', 'nothing/'])
      for (const after of ['', ...keys, 'a/b/', 'a/c', 'a0', 'zzz'])
        expect({ prefix, after, keys: await keysOf(store, prefix, after) }).toEqual({
          prefix,
          after,
          keys: keys.filter((key) => key.startsWith(prefix) && key > after),
        });
  });

  test('list and remove take thousands of files', async () => {
    const store = await make();
    const keys = Array.from({ length: 1_100 }, (_, i) => `many/${String(i).padStart(4, '0')}`);
    for (let i = 0; i < keys.length; i += 50) await Promise.all(keys.slice(i, i + 50).map((key) => store.put(key, bytes('x'))));
    await store.put('other', bytes('x'));
    expect(await keysOf(store, 'many/')).toEqual(keys);
    expect(await keysOf(store, 'many/', 'many/0049')).toEqual(keys.slice(50));
    await store.remove(keys.slice(0, -2));
    expect(await keysOf(store, '')).toEqual([...keys.slice(-2), 'other']);
  });

  test('removing what is not there is no error', async () => {
    const store = await make();
    await store.put('a', bytes('x'));
    await store.remove(['nothing', 'no/folder/either', 'a', 'a']);
    await store.remove([]);
    expect(await keysOf(store, '')).toEqual([]);
    await store.put('a', bytes('again'));
    expect(text(await store.get('a'))).toBe('again');
  });
};
