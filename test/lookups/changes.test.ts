import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { addChange, firstRevision, latestRevision, publishedAt, readChanges } from '../../shared/lookups/changes.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';

let store: ReturnType<typeof sqliteCells>;
beforeEach(() => {
  store = sqliteCells({ path: ':memory:', clock: () => 0 });
});
afterEach(() => store.close());

const put = (to: CellStore, atMs: number, rows: string, from = '') =>
  addChange(to, atMs, null, async (_, id) => ({ put: { id, table: 't', from, rows, columns: ['value'], count: 1 } }));
const idsAt = async (revision: number) => publishedAt(await readChanges(store, 0), revision).map(({ id }) => id);

test('given changes, then each revision is larger than all before it, whatever the clock says, and shows what was published then', async () => {
  const revisions = [];
  for (const [atMs, rows, from] of [
    [5_000, 'a', '2026'],
    [4_000, 'b', '2025'],
    [9_000.5, 'c', '2026'],
  ] as const)
    revisions.push((await put(store, atMs, rows, from))?.revision);
  expect(revisions).toEqual([5_000, 5_001, 9_000]);
  await addChange(store, 0, 'wrong', async () => ({ undo: 'v000001' }));
  expect(await Promise.all([4_999, 5_000, 5_001, 9_000, 9_001].map(idsAt))).toEqual([
    [],
    ['v000001'],
    ['v000002', 'v000001'],
    ['v000002', 'v000001', 'v000003'],
    ['v000002', 'v000003'],
  ]);
  expect(await addChange(store, 0, null, async () => null)).toBeNull();
  expect(latestRevision(await readChanges(store, 2))).toBe(9_001);
});

test('given two that publish at the same time, then one decides again about a list with the other', async () => {
  const seen: number[] = [];
  const both = ['a', 'b'].map((rows) =>
    addChange(store, 1_000, null, async (changes, id) => {
      seen.push(changes.length);
      return { put: { id, table: 't', from: '', rows, columns: [], count: 0 } };
    }),
  );
  expect((await Promise.all(both)).map((change) => change?.revision).sort()).toEqual([1_000, 1_001]);
  expect(seen).toEqual([0, 0, 1]);
});

test('given a shard that begins, then its first revision is the latest one, and stays what it was', async () => {
  expect(await firstRevision(store, 's-1')).toBe(0);
  await put(store, 7_000, 'a');
  expect([await firstRevision(store, 's-1'), await firstRevision(store, 's-2')]).toEqual([0, 7_000]);
});
