import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteSearch } from '../../shared/adapters/sqlite-search.ts';
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
