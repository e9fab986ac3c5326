import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { documents } from '../../shared/storage/documents.ts';

interface Counted {
  readonly n: number;
}
let temporary: string;
let store: ReturnType<typeof sqliteCells>;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-documents-'));
  store = sqliteCells({ path: join(temporary, 'views.db'), clock: Date.now });
});
afterEach(async () => {
  store.close();
  await rm(temporary, { recursive: true, force: true });
});

test('given a document that somebody else changes meanwhile, when it is changed, then the change is made again on theirs', async () => {
  const [mine, theirs] = [documents<Counted>(store, 'counted'), documents<Counted>(store, 'counted')];
  expect(await mine.create([{ sort: 'a', document: { n: 1 } }])).toEqual([true]);
  let tries = 0;
  const after = await mine.update('a', async (before) => {
    if (tries++ === 0) await theirs.update('a', (one) => ({ n: (one?.n ?? 0) + 10 }));
    return { n: (before?.n ?? 0) + 1 };
  });
  expect([after, await mine.get('a'), tries]).toEqual([{ n: 12 }, { n: 12 }, 2]);
});

test('given a place that is taken, then creating answers so, and what is there stays', async () => {
  const stored = documents<Counted>(store, 'counted');
  expect(await stored.create([{ sort: 'a', document: { n: 1 } }])).toEqual([true]);
  expect(
    await stored.create([
      { sort: 'a', document: { n: 2 } },
      { sort: 'b', document: { n: 3 } },
    ]),
  ).toEqual([false, true]);
  expect(await stored.list('', '~')).toEqual([{ n: 1 }, { n: 3 }]);
});

test('given a change that answers what it got, then nothing is written', async () => {
  const stored = documents<Counted>(store, 'counted');
  await stored.create([{ sort: 'a', document: { n: 1 } }]);
  expect(await stored.update('a', (before) => before)).toEqual({ n: 1 });
  expect(await stored.update('none', (before) => before)).toBeNull();
  expect((await store.get([{ partition: 'counted', sort: 'a' }]))[0]?.version).toBe('1');
  expect(await store.get([{ partition: 'counted', sort: 'none' }])).toEqual([null]);
});
