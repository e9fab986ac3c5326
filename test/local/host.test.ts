import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHost } from '../../local/host.ts';
import pipeline from '../../pipeline.ts';
import { readSettings } from '../../shared/platforms/embedded-settings.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

test('given two folders, then a process has a host on each, and what one of them closed the next one goes on with', () => {
  const script = `(async () => {
    const { bundle } = await import('./scripts/bundle.mjs');
    const threads = Object.fromEntries(['shard-worker', 'change-worker', 'back-office'].map((name) => [name, \`local/\${name}.ts\`]));
    const { url, outdir } = await bundle({ twice: 'test/local/host-twice.ts', ...threads }, 'host-twice', 'pipeline.ts');
    await import(url).finally(() => require('node:fs').rmSync(outdir, { recursive: true, force: true }));
  })()`;
  const [a, b] = [join(folder.path, 'a'), join(folder.path, 'b')];
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, ['-e', script], {
    env: { ...process.env, FIRST: a, SECOND: b },
    encoding: 'utf8',
  });
  expect([status, signal, stderr]).toEqual([0, null, '']);
  const { counted, taken, owned, kept } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(counted).toEqual([2, 3]);
  expect(taken).toMatch(/^RangeError: HOST, PORT: Could not listen on 127\.0\.0\.1, port \d+: listen EADDRINUSE/);
  expect(owned).toMatch(/^FolderOwnedError: DATA_DIR: .*\/b belongs to process/);
  expect(kept).toBe(2);
  // Each was left whole, and nobody's.
  for (const path of [a, b]) expect(readdirSync(path).filter((name) => /-wal$|^owner\.json$/.test(name))).toEqual([]);
});

test('given a start that is refused, then the folder is left for others', async () => {
  const dataDir = join(folder.path, 'open');
  const settings = { ...readSettings({ LOG_LEVEL: 'error' }), dataDir, port: 0, host: '0.0.0.0' };
  for (let times = 0; times < 2; times++)
    await expect(startHost(settings, pipeline)).rejects.toThrow(
      new RangeError(
        'HOST=0.0.0.0 can be reached from elsewhere, and no token is listed. Create some first: npm run token -- create --scope write, read or admin',
      ),
    );
  expect(existsSync(join(dataDir, 'owner.json'))).toBe(false);
});

test('given a folder that holds something else, then it is refused and left as it was', async () => {
  const dataDir = join(folder.path, 'project');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'package.json'), '{}');
  // Whatever this process would give them.
  chmodSync(dataDir, 0o755);
  chmodSync(join(dataDir, 'package.json'), 0o644);
  const settings = { ...readSettings({ LOG_LEVEL: 'error' }), dataDir, port: 0 };
  await expect(startHost(settings, pipeline)).rejects.toThrow(
    new RangeError(`DATA_DIR: Expected a folder of Twinstream, or an empty one, got ${dataDir}, which holds package.json. Name another one.`),
  );
  expect([dataDir, join(dataDir, 'package.json')].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['755', '644']);
});
