import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { duckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { folder } from '../../shared/adapters/files/folder.ts';
import { DamagedError } from '../../shared/ports/damaged.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { batchReader } from '../../shared/query/batch-rows.ts';
import type { FileSum } from '../../shared/storage/file-sums.ts';
import { scratch } from '../support/scratch-folder.ts';

// A view file of some megabytes, with two measures.

const ROWS = 20_000;
const MB = 1_048_576;
const FREE = { take: () => {}, check: () => {} };

let root: string;
let lake: ObjectStore;
let key = '';
let bytes = 0;
beforeAll(async () => {
  root = mkdtempSync(join(scratch(), 'twinstream-views-'));
  lake = folder({ root });
  const state = (name: string) =>
    `'"' || ${Array.from({ length: 12 }, (_, salt) => salt)
      .map((salt) => `md5(i || '${name}${salt}')`)
      .join(' || ')} || '"'`;
  await duckdb({ root, memoryBytes: 2 ** 30 }).unload(
    `SELECT '2015-09-12T00:00' AS window_start, '["' || i || '"]' AS group_key, i AS group_events, ${state('a')} AS a, ${state('b')} AS b, '1m' AS size FROM range(${ROWS}) AS r(i)`,
    { prefix: 'views/', partitionBy: ['size'] },
  );
  for await (const one of lake.list('views/', '')) [key, bytes] = [one.key, one.bytes];
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A lake that counts what is read of it. */
const counted = (of: Partial<ObjectStore> = {}) => {
  const read = { bytes: 0, calls: 0 };
  const note = (body: Uint8Array | null) => {
    read.bytes += body?.length ?? 0;
    read.calls++;
    return body;
  };
  const store: ObjectStore = {
    ...lake,
    get: async (name) => note(await lake.get(name)),
    getRange: async (...range) => note(await lake.getRange(...range)),
    ...of,
  };
  return { store, read };
};
/** How many rows there are, and a digest of them. */
const rowsOf = async (reader: ReturnType<typeof batchReader>, sum: FileSum | undefined, measures: readonly string[]): Promise<readonly [number, string]> => {
  const digest = createHash('sha256');
  let n = 0;
  for await (const { window, rows } of reader(key, sum, measures, () => true, FREE))
    for (const { key: group, events, states } of rows()) {
      n++;
      digest.update(JSON.stringify([window, group, events, states()]));
    }
  return [n, digest.digest('hex')];
};

test('given a large file in a store that guarantees contents, then only the asked columns are read, once, and the rows are those of the whole file', async () => {
  expect(bytes).toBeGreaterThan(12 * MB);
  const whole = await rowsOf(batchReader(lake, 64 * MB), undefined, ['a']);
  expect(whole[0]).toBe(ROWS);
  const { store, read } = counted();
  const reader = batchReader(store, 64 * MB);
  expect(await rowsOf(reader, [bytes, null], ['a'])).toEqual(whole);
  expect([read.bytes < 0.65 * bytes, read.calls < 12]).toEqual([true, true]);
  const before = { ...read };
  await rowsOf(reader, [bytes, null], ['a']);
  expect(read).toEqual(before);
});

test('given less room in the cache than the file has, then no more than that is kept', async () => {
  const { store, read } = counted();
  const reader = batchReader(store, MB);
  await rowsOf(reader, [bytes, null], ['a']);
  const first = read.bytes;
  await rowsOf(reader, [bytes, null], ['a']);
  expect(read.bytes).toBeGreaterThan(first * 1.8);
});

test('given a store that guarantees nothing, then the file is read whole, and its checksum verified', async () => {
  const { store, read } = counted();
  const crc = (await lake.checksum(key)) ?? 0;
  expect((await rowsOf(batchReader(store, 64 * MB), [bytes, crc], ['a']))[0]).toBe(ROWS);
  expect(read).toEqual({ bytes, calls: 1 });
  await expect(rowsOf(batchReader(store, 64 * MB), [bytes, crc ^ 1], ['a'])).rejects.toThrow(/Expected the checksum/);
});

test.each<[string, Partial<ObjectStore>, FileSum, RegExp]>([
  ['is gone', { getRange: async () => null }, [20 * MB, null], /Expected a file, found nothing/],
  ['is shorter', {}, [100 * MB, null], /Expected 104857600 bytes, found/],
  ['has other contents', { getRange: async (_, from, to) => new Uint8Array(to - from) }, [20 * MB, null], /Expected a Parquet file of states/],
])('given a large file that %s, then it is damaged', async (_, broken, sum, problem) => {
  const read = rowsOf(batchReader(counted(broken).store, 64 * MB), sum, ['a']);
  await expect(read).rejects.toThrow(DamagedError);
  await expect(read).rejects.toThrow(problem);
});

test('given a lake that is down, at the footer or later, then that is its own error: no file is called damaged', async () => {
  for (const good of [0, 1]) {
    let left = good;
    const getRange: ObjectStore['getRange'] = (...range) => (left-- > 0 ? lake.getRange(...range) : Promise.reject(new TypeError('SlowDown')));
    const read = rowsOf(batchReader(counted({ getRange }).store, 64 * MB), [bytes, null], ['a']);
    await expect(read).rejects.toThrow(new TypeError('SlowDown'));
    await expect(read).rejects.not.toBeInstanceOf(DamagedError);
  }
});
