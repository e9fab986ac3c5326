import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { DamagedError } from '../../shared/ports/damaged.ts';
import { describeCellStore } from './cell-store.ts';

let temporary: string;
let store: ReturnType<typeof sqliteCells>;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-cells-'));
});
afterEach(async () => {
  store.close();
  await rm(temporary, { recursive: true, force: true });
});

describeCellStore(async (clock) => (store = sqliteCells({ path: join(temporary, 'views.db'), clock })));

test('a cell that was changed past the store is an error that names it; the others are read', async () => {
  const path = join(temporary, 'views.db');
  store = sqliteCells({ path, clock: Date.now });
  const cell = (sort: string) => ({ partition: 'p', sort, version: '1', body: Buffer.from('body') });
  await store.put(['a', 'b'].map((sort) => ({ cell: cell(sort), expected: null, expiresAtMs: null })));
  for (const change of ["body = 'bodx'", "version = '2'", "sort = 'c'"]) {
    const other = new Database(path);
    other.exec(`UPDATE cells SET ${change} WHERE sort = 'b'`);
    const [changed] = other.prepare("SELECT sort FROM cells WHERE sort <> 'a'").all() as { sort: string }[];
    const sort = changed?.sort ?? '';
    const reading = store.get([{ partition: 'p', sort }]);
    await expect(reading).rejects.toThrow(DamagedError);
    await expect(reading).rejects.toThrow(`views.db: The cell ${sort} of p does not hold what was written to it.`);
    expect(await store.get([{ partition: 'p', sort: 'a' }])).toMatchObject([{ sort: 'a' }]);
    other.exec("UPDATE cells SET body = CAST('body' AS BLOB), version = '1', sort = 'b' WHERE sort <> 'a'");
    other.close();
  }
  expect(await store.query({ partition: 'p', from: '', to: '~' })).toHaveLength(2);
});

test('a file from before, without checksums, is read; what is written to it gets one', async () => {
  const path = join(temporary, 'views.db');
  const old = new Database(path);
  old.exec(
    'CREATE TABLE cells (partition TEXT NOT NULL, sort TEXT NOT NULL, version TEXT NOT NULL, expires_at_ms INTEGER, body BLOB NOT NULL, PRIMARY KEY (partition, sort))',
  );
  old.exec("INSERT INTO cells VALUES ('p', 'a', '1', NULL, CAST('old' AS BLOB))");
  store = sqliteCells({ path, clock: Date.now });
  expect(Buffer.from((await store.get([{ partition: 'p', sort: 'a' }]))[0]?.body ?? []).toString()).toBe('old');
  await store.put([{ cell: { partition: 'p', sort: 'a', version: '2', body: Buffer.from('new') }, expected: '1', expiresAtMs: null }]);
  expect(old.prepare('SELECT crc IS NOT NULL AS has FROM cells').all()).toEqual([{ has: 1 }]);
  old.close();
});
