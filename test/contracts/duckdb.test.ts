import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duckdb, duckdbOver, openDuckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { folder } from '../../shared/adapters/files/folder.ts';
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
