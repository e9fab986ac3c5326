import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folder } from '../../shared/adapters/folder.ts';
import { describeObjectStore } from './object-store.ts';

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-folder-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

describeObjectStore(async () => folder({ root: join(temporary, 'lake') }));
