import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tokenFile } from '../../shared/adapters/files/token-file.ts';
import { createToken } from '../../shared/auth/tokens.ts';
import { describeTokenStore } from './token-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'twinstream-tokens-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const newPath = () => join(folder, `${made++}`, 'tokens.json');

describeTokenStore(async () => tokenFile({ path: newPath() }));

test('only its owner may read the file, and no token stands in it', async () => {
  const path = newPath();
  await tokenFile({ path }).add(createToken('admin').stored);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file that is not understood is an error, not an empty list that lets everybody in', async () => {
  const path = join(folder, 'broken.json');
  writeFileSync(path, '{"tokens":[{"id":1}]}');
  await expect(tokenFile({ path }).list()).rejects.toThrow(`${path}: Expected {"tokens"`);
});

test('a new folder is new, and an opened one open, also when it is opened again', async () => {
  const path = newPath();
  expect(await tokenFile({ path }).withoutTokens()).toBe('new');
  const { stored } = createToken('admin');
  await tokenFile({ path }).add(stored);
  await tokenFile({ path }).remove(stored);
  await tokenFile({ path }).open();
  expect(await tokenFile({ path }).withoutTokens()).toBe('open');
  expect(statSync(join(dirname(path), 'access.json')).mode & 0o777).toBe(0o600);
});
