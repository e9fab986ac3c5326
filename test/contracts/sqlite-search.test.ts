import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteSearch } from '../../shared/adapters/sqlite/search.ts';
import { openSqlite } from '../../shared/adapters/sqlite/sqlite.ts';
import type { SearchSchema } from '../../shared/ports/search-question.ts';
import { describeSearchIndex } from './search-index.ts';

const made: { folder: string; close: () => void }[] = [];
afterAll(async () => {
  for (const { folder, close } of made) {
    close();
    await rm(folder, { recursive: true, force: true });
  }
});

describeSearchIndex(
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'twinstream-search-'));
    const index = sqliteSearch({ path: join(folder, 'search.db') });
    made.push({ folder, close: index.close });
    return { index, settle: async () => {} };
  },
  { findsTypos: false, spellsOut: false },
);

test('given a file with the tables of another layout, then its indexes count as missing, so that they are built anew', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'twinstream-search-'));
  const path = join(folder, 'search.db');
  const schema: SearchSchema = { name: 'page', identity: 'page@0123456789ab', fields: [{ name: 'title', kind: 'text', searched: true }] };
  const document = { key: 'a', version: 1, fields: { title: 'opal' } };
  const question = { terms: null, filters: [], order: { by: 'key' }, limit: 10, after: null } as const;
  const build = async (index: ReturnType<typeof sqliteSearch>) => {
    const fresh = await index.begin(schema);
    await index.write(schema, [document]);
    await index.finish(schema, fresh);
  };
  const index = sqliteSearch({ path });
  await build(index);
  expect([await index.isCurrent(schema), (await index.search(schema, question)).total]).toEqual([true, 1]);
  index.close();
  const again = sqliteSearch({ path });
  expect(await again.isCurrent(schema)).toBe(true);
  again.close();
  const file = openSqlite(path, '');
  file.exec('PRAGMA user_version = 1');
  file.close();
  const upgraded = sqliteSearch({ path });
  made.push({ folder, close: upgraded.close });
  expect([await upgraded.isCurrent(schema), (await upgraded.search(schema, question)).total]).toEqual([false, 0]);
  await build(upgraded);
  expect([await upgraded.isCurrent(schema), (await upgraded.search(schema, question)).total]).toEqual([true, 1]);
});
