import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duckdb } from '../../shared/adapters/duckdb.ts';
import { folder } from '../../shared/adapters/folder.ts';
import { describeSqlEngine } from './sql-engine.ts';

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-engine-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

describeSqlEngine(async () => {
  const root = join(temporary, 'lake');
  return { engine: duckdb({ root }), lake: folder({ root }) };
});
