import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// What npm's commands run is built once, and again after any of its sources changed.

const own = join(process.cwd(), 'test/cli/.bundle');
mkdirSync(own, { recursive: true });
afterAll(() => rmSync(own, { recursive: true, force: true }));

const SCRIPT = `
  const { statSync, rmSync } = await import('node:fs');
  const { bundle } = await import('./scripts/bundle.mjs');
  const { url, outdir } = await bundle({ main: process.env.MAIN }, 'bundle-test', 'pipeline.ts');
  const { default: says } = await import(url);
  console.log(JSON.stringify({ says, inode: statSync(new URL(url)).ino }));
  rmSync(outdir, { recursive: true });`;
/** What a bundle of main.ts exports, in a process of its own, and which file it is: hard links have one inode. */
const run = (): { says: string; inode: number } => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT], {
    encoding: 'utf8',
    env: { ...process.env, MAIN: join(own, 'main.ts') },
  });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout);
};

test('given a bundle, when nothing changed, then the next process runs the same files; when a source changed, then new ones', () => {
  writeFileSync(join(own, 'main.ts'), "export { says as default } from './says.ts';");
  writeFileSync(join(own, 'says.ts'), "export const says = 'one';");
  const first = run();
  expect(first.says).toBe('one');
  expect(run()).toEqual(first);
  writeFileSync(join(own, 'says.ts'), "export const says = 'two';");
  const second = run();
  expect(second.says).toBe('two');
  expect(second.inode).not.toBe(first.inode);
  expect(run()).toEqual(second);
});
