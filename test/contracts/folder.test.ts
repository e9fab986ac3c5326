import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folder } from '../../shared/adapters/files/folder.ts';
import { describeObjectStore } from './object-store.ts';

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-folder-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

describeObjectStore(async () => folder({ root: join(temporary, 'lake') }));

const at = (...path: string[]) => join(temporary, 'lake', ...path);

test('given a file whose bytes change on disk, then its checksum does too', async () => {
  const store = folder({ root: at() });
  await store.put('a', Buffer.from('text'));
  const sum = await store.checksum('a');
  await writeFile(at('a'), 'tekt');
  expect([typeof sum, await store.checksum('a')]).not.toEqual(['number', sum]);
});

test('given a write that fails, then it leaves no side file', async () => {
  const store = folder({ root: at() });
  // A folder where the file should be: it cannot be renamed there.
  await mkdir(at('a', 'full'), { recursive: true });
  await expect(store.put('a', Buffer.from('text'))).rejects.toThrow();
  expect(await readdir(at())).toEqual(['a']);
});
