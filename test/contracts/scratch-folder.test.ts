import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { scratch, scratchFolder } from '../support/scratch-folder.ts';
import { describeObjectStore } from './object-store.ts';

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(scratch(), 'twinstream-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

describeObjectStore(async () => scratchFolder({ root: join(temporary, 'lake') }));
