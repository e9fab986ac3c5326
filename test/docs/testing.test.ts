import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

// The examples of docs/testing.md: they compile, and the first passes under node --test, which ends by itself.

const [example = '', host = ''] = [...readFileSync('docs/testing.md', 'utf8').matchAll(/```ts\n([^`]+)```/g)].map(([, block]) => block);
/** Beside pipeline.ts, as a user's file would be: inside the repository, so that 'twinstream' resolves. */
const folder = mkdtempSync(join(import.meta.dirname, '.testing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'pipeline.ts'), "export { default } from '../../support/orders.ts';\n");
writeFileSync(join(folder, 'example.test.ts'), example);

test('given the examples of docs/testing.md, then they compile', () => {
  writeFileSync(join(folder, 'host.ts'), `import { startTwinstream } from 'twinstream/testing';\n${host}export { app };\n`);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.json', include: ['*.ts'], exclude: [] }));
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  expect(stdout).toBe('');
});

/** With node --test, after what is done to TypeScript before. */
const run = async (source: string): Promise<{ status: number | null; stdout: string }> => {
  const outfile = join(folder, 'example.test.mjs');
  const stdin = { contents: source, loader: 'ts', resolveDir: folder } as const;
  const alias = {
    'twinstream/testing': resolve('testing/testing.ts'),
    twinstream: resolve('shared/pipeline.ts'),
    '#pipeline': resolve('pipeline.ts'),
    '#platform': resolve('shared/platforms/embedded.ts'),
    '#page': resolve('dashboard/built/page.js'),
  };
  await build({ stdin, outfile, alias, bundle: true, packages: 'external', format: 'esm', platform: 'node', target: 'node20' });
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', outfile], { env, encoding: 'utf8' });
  return { status, stdout };
};

test('given the example, then it passes, and ends by itself', async () => {
  const { status, stdout } = await run(example);
  expect([status, stdout]).toEqual([0, expect.stringContaining('# pass 1\n')]);
});

test('given a wrong number in it, then it fails, and ends though nothing stopped the app', async () => {
  const { status, stdout } = await run(example.replace('turnover: 20 ', 'turnover: 21 ').replace('await using', 'const'));
  expect([status, stdout]).toEqual([1, expect.stringMatching(/turnover: 21[\s\S]*# fail 1\n/)]);
});
