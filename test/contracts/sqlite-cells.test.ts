import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteCells } from '../../shared/adapters/sqlite-cells.ts';
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
