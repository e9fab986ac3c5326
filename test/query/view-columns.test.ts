import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { duckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { folder } from '../../shared/adapters/files/folder.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { batchReader } from '../../shared/query/batch-rows.ts';
import { scratch } from '../support/scratch-folder.ts';

// A view file of several row groups, whose windows are scattered over them.

const HOURS = 24;
const ROWS = 130_000;
const FREE = { take: () => {}, check: () => {} };

let root: string;
let lake: ObjectStore;
let key = '';
beforeAll(async () => {
  root = mkdtempSync(join(scratch(), 'twinstream-view-columns-'));
  lake = folder({ root });
  await duckdb({ root, memoryBytes: 2 ** 30 }).unload(
    `SELECT '2015-09-12T' || lpad((i % ${HOURS})::VARCHAR, 2, '0') || ':00' AS window_start, '["c' || i % 7 || '"]' AS group_key, i AS group_events, CASE WHEN i % 5 = 0 THEN NULL ELSE i::VARCHAR END AS _n, '[' || i || ']' AS _list, '1h' AS size FROM range(${ROWS}) AS r(i)`,
    { prefix: 'views/', partitionBy: ['size'] },
  );
  for await (const one of lake.list('views/', '')) key = one.key;
});
afterAll(() => rm(root, { recursive: true, force: true }));

const counted = () => {
  let gets = 0;
  return { store: { ...lake, get: (name: string) => lake.get(name).finally(() => gets++) }, gets: () => gets };
};
/** All rows of some hours, by their number of events, which is their place. */
const rowsOf = async (reader: ReturnType<typeof batchReader>, hours: readonly number[], measures: readonly string[]) => {
  const wanted = new Set(hours.map((hour) => `2015-09-12T${String(hour).padStart(2, '0')}:00`));
  const found: (readonly [string, number, number, readonly unknown[], readonly unknown[]])[] = [];
  for await (const { window, startMs, rows } of reader(key, undefined, measures, (one) => wanted.has(one), FREE))
    for (const { key: group, events, states } of rows()) found.push([window, startMs, events, group, states()]);
  return found.sort((a, b) => a[2] - b[2]);
};
const expected = (hours: readonly number[], statesOf: (i: number) => readonly unknown[]) =>
  Array.from({ length: ROWS }, (_, i) => i)
    .filter((i) => hours.includes(i % HOURS))
    .map((i) => {
      const window = `2015-09-12T${String(i % HOURS).padStart(2, '0')}:00`;
      return [window, Date.parse(`${window}Z`), i, [`c${i % 7}`], statesOf(i)];
    });
const n = (i: number) => (i % 5 === 0 ? null : i);

test('given some wanted windows, then exactly their rows come, from every row group, with the states that are asked for in their order', async () => {
  const { store, gets } = counted();
  const reader = batchReader(store, 256 * 2 ** 20);
  expect(await rowsOf(reader, [3, 17], ['N'])).toEqual(expected([3, 17], (i) => [n(i)]));
  expect(gets()).toBe(1);
  // Another window, and another measure beside one that is decoded already.
  expect(await rowsOf(reader, [5], ['list', 'N'])).toEqual(expected([5], (i) => [[i], n(i)]));
  expect(await rowsOf(reader, [5], [])).toEqual(expected([5], () => []));
  expect(gets()).toBe(1);
});

test('given no room for decoded columns, then the answers are the same', async () => {
  const { store, gets } = counted();
  const reader = batchReader(store, 1_000);
  for (let times = 1; times <= 2; times++) expect(await rowsOf(reader, [3], ['list'])).toEqual(expected([3], (i) => [[i]]));
  expect(gets()).toBeGreaterThan(1);
});
