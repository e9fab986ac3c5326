import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duckdb, duckdbOver, openDuckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { folder } from '../../shared/adapters/files/folder.ts';
import { partPrefix } from '../../shared/storage/lake.ts';
import { describeSqlEngine } from './sql-engine.ts';

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-engine-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

describeSqlEngine(async () => {
  const root = join(temporary, 'lake');
  return { engine: duckdb({ root, memoryBytes: 2 ** 30 }), lake: folder({ root }) };
});

describe('whose instance the next statement takes over', () => {
  const open = () => duckdb({ root: join(temporary, 'lake'), memoryBytes: 2 ** 30 });

  test('statements at the same time, and one after a failed one, give their rows', async () => {
    const engine = open();
    const rows = (n: number) => engine.rows(`SELECT ${n} AS n`);
    expect(await Promise.all([rows(1), rows(2)])).toEqual([[{ n: 1 }], [{ n: 2 }]]);
    await expect(engine.rows('SELECT nothing')).rejects.toThrow('DuckDB: ');
    expect(await rows(3)).toEqual([{ n: 3 }]);
  });

  test('a file that was replaced is read anew', async () => {
    const engine = open();
    for (const n of [1, 2]) {
      await engine.unload(`SELECT ${n} AS n`, { prefix: partPrefix('r1'), partitionBy: [] });
      expect(await engine.rows(`SELECT n FROM ${engine.parts(['r1'])}`)).toEqual([{ n }]);
    }
  });
});

describe('over one connection that stays open', () => {
  let instance: Awaited<ReturnType<typeof openDuckdb>>;
  beforeAll(async () => {
    instance = await openDuckdb({ threads: '1' });
  });
  afterAll(() => instance.closeSync());

  describeSqlEngine(async () => {
    const root = join(temporary, 'lake');
    const connection = await instance.connect();
    return { engine: duckdbOver({ root, connect: (work) => work(connection), rowsPerQuery: 1_000_000 }), lake: folder({ root }) };
  });
});
