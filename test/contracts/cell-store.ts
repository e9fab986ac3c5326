import { randomUUID } from 'node:crypto';
import type { Cell, CellStore, CellWrite } from '../../shared/ports/cell-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';

const START = Date.parse('2026-11-18T05:00:00.000Z');
const KB = 1_000;
const MAX_BODY = 380 * KB;

/** What every CellStore promises. `make` gives a store whose partitions are empty but for what a test writes. */
export const describeCellStore = (make: (clock: Clock) => Promise<CellStore>): void => {
  /** A store at a time that the test moves, and a partition of the test's own. */
  const setUp = async () => {
    const time = { nowMs: START };
    const store = await make(() => time.nowMs);
    const partition = `p#${randomUUID()}`;
    const cell = (sort: string, version = '1', body: string | Uint8Array = `${sort} ${version}`): Cell => ({
      partition,
      sort,
      version,
      body: typeof body === 'string' ? Buffer.from(body) : body,
    });
    const fresh = (...cells: Cell[]): CellWrite[] => cells.map((one) => ({ cell: one, expected: null, expiresAtMs: null }));
    const all = () => store.query({ partition, from: '', to: '~' });
    return { time, store, partition, cell, fresh, all };
  };
  const sorts = (cells: readonly Cell[]) => cells.map(({ sort }) => sort);
  const plain = (cell: Cell | null | undefined) => cell && { ...cell, body: Buffer.from(cell.body).toString('latin1') };

  describe('put', () => {
    test('writes a new cell once', async () => {
      const { store, cell, fresh } = await setUp();
      expect(await store.put(fresh(cell('a', '1', 'first')))).toEqual([true]);
      expect(await store.put(fresh(cell('a', '2', 'second')))).toEqual([false]);
      expect(plain((await store.get([cell('a')]))[0])).toEqual(plain(cell('a', '1', 'first')));
    });

    test('replaces a cell only over the version that it expects', async () => {
      const { store, cell, fresh } = await setUp();
      await store.put(fresh(cell('a', '1')));
      expect(await store.put([{ cell: cell('a', '3'), expected: '2', expiresAtMs: null }])).toEqual([false]);
      expect(await store.put([{ cell: cell('a', '3'), expected: '1', expiresAtMs: null }])).toEqual([true]);
      expect(await store.put([{ cell: cell('a', '4'), expected: '1', expiresAtMs: null }])).toEqual([false]);
      expect(await store.put([{ cell: cell('b', '2'), expected: '1', expiresAtMs: null }])).toEqual([false]);
      const [a, b] = await store.get([cell('a'), cell('b')]);
      expect([plain(a), b]).toEqual([plain(cell('a', '3')), null]);
    });

    test('answers for each of many cells, in order', async () => {
      const { store, cell, fresh, all } = await setUp();
      const every = Array.from({ length: 150 }, (_, i) => cell(`s${String(i).padStart(3, '0')}`));
      await store.put(fresh(...every.filter((_, i) => i % 3 === 0)));
      expect(await store.put(fresh(...every))).toEqual(every.map((_, i) => i % 3 !== 0));
      expect((await all()).map(plain)).toEqual(every.map(plain));
      expect(await store.put([])).toEqual([]);
    });

    test('lets exactly one of many writers win', async () => {
      const { store, cell, fresh } = await setUp();
      for (const expected of [null, '1']) {
        const writers = Array.from({ length: 20 }, (_, i) => ({ ...cell('a', expected === null ? '1' : '2', `writer ${i}`) }));
        const won = await Promise.all(writers.map((one) => store.put([{ ...(fresh(one)[0] as CellWrite), expected }])));
        const winners = writers.filter((_, i) => won[i]?.[0] === true);
        expect(winners).toHaveLength(1);
        expect((await store.get([cell('a')])).map(plain)).toEqual(winners.map(plain));
      }
    });

    test('keeps bodies of every byte, of none, and of 380 KB', async () => {
      const { store, cell, fresh } = await setUp();
      const bodies = [Uint8Array.from({ length: 256 }, (_, i) => i), new Uint8Array(), new Uint8Array(MAX_BODY).fill(7)];
      // A view into a larger buffer, as slices are.
      const slice = Buffer.from('..inner..').subarray(2, 7);
      const cells = [...bodies, slice].map((body, i) => cell(`b${i}`, '1', body));
      await store.put(fresh(...cells));
      expect((await store.get(cells)).map(plain)).toEqual(cells.map(plain));
    });
  });

  describe('get', () => {
    test('answers in the order of its keys, null where there is none, a key twice where it is asked twice', async () => {
      const { store, cell, fresh } = await setUp();
      await store.put(fresh(cell('a'), cell('b')));
      expect((await store.get([cell('b'), cell('nothing'), cell('a'), cell('b')])).map(plain)).toEqual([
        plain(cell('b')),
        null,
        plain(cell('a')),
        plain(cell('b')),
      ]);
      expect(await store.get([])).toEqual([]);
    });

    test('gives hundreds of cells, and more bytes than an answer of a database may hold', async () => {
      const { store, cell, fresh } = await setUp();
      const large = Array.from({ length: 80 }, (_, i) => cell(`large${i}`, '1', new Uint8Array(300 * KB).fill(i)));
      const small = Array.from({ length: 250 }, (_, i) => cell(`small${i}`));
      await store.put(fresh(...large, ...small));
      const found = await store.get([...large, ...small]);
      expect(found.slice(0, large.length).map((one) => one && [one.sort, one.body.length, one.body[0]])).toEqual(
        large.map((one, i) => [one.sort, 300 * KB, i]),
      );
      expect(found.slice(large.length).map(plain)).toEqual(small.map(plain));
    });

    test('tells apart keys whose texts run together', async () => {
      const { store, partition } = await setUp();
      const keys = [
        { partition: `${partition}a`, sort: 'b c' },
        { partition: `${partition}a b`, sort: 'c' },
        { partition: `${partition}"a"`, sort: '","' },
      ];
      await store.put(keys.map((key, i) => ({ cell: { ...key, version: String(i), body: Buffer.from('x') }, expected: null, expiresAtMs: null })));
      expect((await store.get(keys)).map((one) => one?.version)).toEqual(['0', '1', '2']);
    });
  });

  describe('query', () => {
    test('gives from ≤ sort < to of one partition, by bytes', async () => {
      const { store, partition, cell, fresh } = await setUp();
      const names = ['A', 'a', 'a#', 'a#1', 'a#10', 'a#2', 'b', 'é', 'ﬁ', '😀', '~'];
      await store.put(fresh(...[...names].reverse().map((sort) => cell(sort))));
      await store.put(fresh({ ...cell('a'), partition: `${partition}x` }));
      const between = async (from: string, to: string) => sorts(await store.query({ partition, from, to }));
      expect(await between('', '\u{10ffff}')).toEqual([...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      expect(await between('a#1', 'a#2')).toEqual(['a#1', 'a#10']);
      expect(await between('a#', 'a$')).toEqual(['a#', 'a#1', 'a#10', 'a#2']);
      expect(await between('', 'a')).toEqual(['A']);
      expect(await between('a', 'a ')).toEqual(['a']);
      expect(await between('a', 'a')).toEqual([]);
      expect(await between('b', 'a')).toEqual([]);
      expect(await store.query({ partition: `${partition}y`, from: '', to: '~' })).toEqual([]);
    });

    test('gives all of more bytes than a page holds', async () => {
      const { store, cell, fresh, all } = await setUp();
      const cells = Array.from({ length: 12 }, (_, i) => cell(`s${String.fromCharCode(97 + i)}`, '1', new Uint8Array(300 * KB).fill(i)));
      await store.put(fresh(...cells));
      expect((await all()).map(({ sort, body }) => [sort, body.length, body[0]])).toEqual(cells.map(({ sort, body }) => [sort, body.length, body[0]]));
    });
  });

  describe('expiry', () => {
    test('a cell is there before its time and not from it on', async () => {
      const { time, store, cell, all } = await setUp();
      await store.put([{ cell: cell('a'), expected: null, expiresAtMs: START + 1_500 }]);
      for (const [atMs, isThere] of [
        [START + 1_499, true],
        [START + 1_500, false],
        [START + 90_000_000, false],
      ] as const) {
        time.nowMs = atMs;
        expect(sorts(await all())).toEqual(isThere ? ['a'] : []);
        expect((await store.get([cell('a')]))[0] !== null).toBe(isThere);
      }
    });

    test('an expired cell counts as absent to a write', async () => {
      const { time, store, cell, fresh, all } = await setUp();
      const expiring = (sort: string) => ({ cell: cell(sort, '1'), expected: null, expiresAtMs: START + 1_000 });
      await store.put([expiring('a'), expiring('b')]);
      expect(await store.put(fresh(cell('a', '2')))).toEqual([false]);
      time.nowMs = START + 1_000;
      expect(await store.put([{ cell: cell('b', '2'), expected: '1', expiresAtMs: null }])).toEqual([false]);
      expect(await store.put(fresh(cell('a', '2')))).toEqual([true]);
      expect((await all()).map(plain)).toEqual([plain(cell('a', '2'))]);
      time.nowMs = START + 90_000_000;
      expect(sorts(await all())).toEqual(['a']);
    });

    test('a write without a time takes the time away', async () => {
      const { time, store, cell, all } = await setUp();
      await store.put([{ cell: cell('a', '1'), expected: null, expiresAtMs: START + 1_000 }]);
      expect(await store.put([{ cell: cell('a', '2'), expected: '1', expiresAtMs: null }])).toEqual([true]);
      time.nowMs = START + 2_000;
      expect((await all()).map(plain)).toEqual([plain(cell('a', '2'))]);
    });

    test('expire gives a range its time, but no cell another one', async () => {
      const { time, store, partition, cell, fresh, all } = await setUp();
      const many = Array.from({ length: 40 }, (_, i) => cell(`m${i}`, '1', new Uint8Array(40 * KB)));
      await store.put(fresh(cell('a'), cell('b'), cell('c'), cell('z'), ...many));
      await store.put([{ cell: cell('early'), expected: null, expiresAtMs: START + 100 }]);
      await store.put([{ cell: cell('late'), expected: null, expiresAtMs: START + 9_000 }]);
      await store.expire({ partition, from: 'b', to: 'z' }, START + 1_000);
      await store.expire({ partition, from: 'b', to: 'z' }, START + 5_000);
      expect(await all()).toHaveLength(many.length + 6);
      time.nowMs = START + 100;
      expect(sorts(await all())).not.toContain('early');
      time.nowMs = START + 1_000;
      expect(sorts(await all())).toEqual(['a', 'late', 'z']);
      time.nowMs = START + 9_000;
      expect(sorts(await all())).toEqual(['a', 'z']);
    });

    test('a cell that is about to expire can still be written over its version', async () => {
      const { time, store, partition, cell, fresh, all } = await setUp();
      await store.put(fresh(cell('a', '1')));
      await store.expire({ partition, from: '', to: '~' }, START + 1_000);
      expect(await store.put([{ cell: cell('a', '2'), expected: '1', expiresAtMs: null }])).toEqual([true]);
      time.nowMs = START + 1_000;
      expect((await all()).map(plain)).toEqual([plain(cell('a', '2'))]);
    });

    test('expire of nothing is nothing', async () => {
      const { store, partition, all } = await setUp();
      await store.expire({ partition, from: '', to: '~' }, START);
      await store.expire({ partition, from: 'b', to: 'a' }, START);
      expect(await all()).toEqual([]);
    });
  });
};
