import { join } from 'node:path';
import { z } from 'zod';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { decodeCell } from '../../shared/fold/cell.ts';
import { compileFold } from '../../shared/fold/metric.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import { count, definePipeline, event, metric, top } from '../../shared/pipeline.ts';
import type { CellKey } from '../../shared/ports/cell-store.ts';
import { CellContentionError, cellCache } from '../../shared/speed/cell-cache.ts';
import { cellPartKey } from '../../shared/storage/keys.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { quiet } from '../support/world.ts';

// A cell as a chain of parts, of which only the last is written.

const view = event(z.object({ at: z.iso.datetime(), page: z.string() }), { time: 'at' });
const { metrics } = definePipeline({ events: { view }, metrics: { views: metric(view, { measures: { views: count(), pages: top(view.page) } }) } });
const fold = compileFold((metrics.views as NonNullable<typeof metrics.views>).definition);
const AT: CellKey = { partition: 'cells#views@1#20261121T100000Z#shard-1', sort: '2026-11-21T10:00#0' };
const PART_BYTES = 100;

const folder = temporaryFolder();
let files = 0;
let store: ReturnType<typeof sqliteCells>;
beforeEach(() => {
  store = sqliteCells({ path: join(folder.path, `${files++}.db`), clock: Date.now });
});
afterEach(() => store.close());
afterAll(folder.remove);

const ofLine = (): never => {
  throw new Error('Expected no event without an object');
};
const environment = () => cellCache(store, 1 << 20, PART_BYTES, quiet);
type Environment = ReturnType<typeof environment>;
const eventOf = (i: number) =>
  ({
    id: `${i}`,
    source: '/test',
    type: 'view',
    time: '2026-11-21T10:00:00.000Z',
    data: { at: '2026-11-21T10:00:00.000Z', page: `a page ${i}` },
  }) as unknown as StoredEvent;
/** Folds the records from..to, an event each. */
const added = async (cells: Environment, from: number, to: number, earlier: CellKey | null = null, at = AT): Promise<void> => {
  for (let i = from; i <= to; i++)
    await cells.add([{ at, earlier, fold, events: [{ of: eventOf(i), event: eventOf(i), key: fold.key(eventOf(i)) }], ofLine }], String(i), (_, error) => {
      throw error;
    });
};
/** The same, and stores them. */
const folded = async (cells: Environment, from: number, to: number, ...of: readonly [earlier?: CellKey | null, at?: CellKey]): Promise<void> => {
  await added(cells, from, to, ...of);
  await cells.flush(String(to), () => null);
};
const parts = async (partition = AT.partition) =>
  (await store.query({ partition, from: '', to: '~' })).map(({ sort, version, body }) => ({
    sort,
    version,
    events: [...decodeCell(fold, body).groups.values()].reduce((sum, { events }) => sum + events, 0),
  }));
const events = async (partition = AT.partition): Promise<number> => (await parts(partition)).reduce((sum, part) => sum + part.events, 0);

test('given batch after batch, then each event is in one part, and a part that is full is left as it is', async () => {
  const cells = environment();
  const seen = new Map<string, string>();
  for (let i = 0; i < 12; i++) {
    await folded(cells, 10 * i + 1, 10 * (i + 1));
    const stored = await parts();
    for (const { sort, version } of stored.slice(0, -2)) expect([sort, version]).toEqual([sort, seen.get(sort)]);
    for (const { sort, version } of stored) seen.set(sort, version);
  }
  expect(await events()).toBe(120);
  expect((await parts()).length).toBeGreaterThan(5);
});

test('given an environment that did not fold what came before, then it continues where the last one stopped', async () => {
  for (let i = 0; i < 12; i++) await folded(environment(), 10 * i + 1, 10 * (i + 1));
  expect(await events()).toBe(120);
  const others = await parts();
  await folded(environment(), 121, 121);
  expect((await parts()).slice(0, others.length - 1)).toEqual(others.slice(0, -1));
});

test.each([
  ['shorter', 25],
  ['longer', 45],
])('given a batch that is retried and %s, after its cells were written, then each record counts once', async (_, to) => {
  await folded(environment(), 1, 20);
  // Its progress was not written.
  await folded(environment(), 21, 35);
  await folded(environment(), 21, to);
  await folded(environment(), to + 1, 60);
  expect(await events()).toBe(60);
});

test('given two environments that fold the same records at once, then only one of them writes', async () => {
  for (let i = 1; i < 100; i += 10) {
    const [one, other] = [environment(), environment()];
    // Both have read the same, whether its last part was full or not.
    for (const cells of [one, other]) await cells.add([{ at: AT, earlier: null, fold, events: [], ofLine }], String(i), () => {});
    const results = await Promise.allSettled([folded(one, i, i + 9), folded(other, i, i + 9)]);
    expect(results.filter(({ status }) => status === 'rejected').map((result) => (result as PromiseRejectedResult).reason)).toEqual([
      expect.any(CellContentionError),
    ]);
    expect(await events()).toBe(i + 9);
  }
});

test('given a cell that an older version put elsewhere, then it stays there, with all of its parts', async () => {
  const earlier: CellKey = { partition: AT.partition, sort: '2026-11-21T10:00#2' };
  const own: CellKey = { ...earlier, partition: `${AT.partition}.2` };
  await folded(environment(), 1, 20, null, earlier);
  for (let i = 2; i < 6; i++) await folded(environment(), 10 * i + 1, 10 * (i + 1), earlier, own);
  expect(await events()).toBe(60);
  expect(await events(own.partition)).toBe(0);
  const cells = environment();
  await added(cells, 61, 61, earlier, own);
  expect([...cells.partitions()]).toEqual([earlier.partition]);
  await cells.flush('61', () => null);
  expect([...cells.partitions()]).toEqual([]);
  // A new one has its own place.
  const [newOld, newOwn] = [earlier, own].map((key) => ({ ...key, sort: '2026-11-21T10:01#2' })) as [CellKey, CellKey];
  await folded(environment(), 62, 65, newOld, newOwn);
  expect(await events(own.partition)).toBe(4);
});

test('given a cell whose first part an older version writes after a rollback, then nothing counts twice', async () => {
  for (let i = 0; i < 3; i++) await folded(environment(), 10 * i + 1, 10 * (i + 1));
  const [first] = await store.get([cellPartKey(AT, 0)]);
  // What it folded, before its progress was written.
  await store.put([{ cell: { ...(first as NonNullable<typeof first>), version: '35' }, expected: first?.version ?? null, expiresAtMs: null }]);
  const before = await events();
  await folded(environment(), 31, 40);
  expect((await events()) - before).toBe(5);
});
