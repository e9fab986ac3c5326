// npm pack runs it first: dist/ has the rooms as JavaScript, the types of what the exports name, and what is no TypeScript.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { compiledKernel, KERNEL } from './kernel.mjs';
import { buildPage } from './page.mjs';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
if ((await compiledKernel()) !== readFileSync(KERNEL, 'utf8'))
  throw new Error('Expected shared/kernel/compiled.ts to be of its sources, got another: run node scripts/kernel.mjs');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

/** Keeps the declarations that are reachable from an export; the others cannot be imported. */
const kept = new Set();
const keep = (file) => {
  if (kept.has(file)) return;
  kept.add(file);
  const lines = readFileSync(file, 'utf8').split('\n');
  // Tools other than tsc do not find a .ts that does not exist. Examples in comments are left as they are.
  const code = lines.map((line) => (/^\s*\*/.test(line) ? line : line.replace(/(from '|import\(")(\.[^'"]+)\.ts(['"])/g, '$1$2.js$3')));
  writeFileSync(file, code.join('\n'));
  for (const line of code.filter((one) => !/^\s*\*/.test(one)))
    for (const [, path] of line.matchAll(/(?:from '|import\(")(\.[^'"]+)\.js['"]/g)) keep(join(dirname(file), `${path}.d.ts`));
};
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const { types } of Object.values(exports)) if (types !== undefined) keep(resolve(root, types));
for (const name of readdirSync(dist, { recursive: true })) if (name.endsWith('.d.ts') && !kept.has(join(dist, name))) rmSync(join(dist, name));
for (const folder of ['resources', 'templates']) if (existsSync(join(root, folder))) cpSync(join(root, folder), join(dist, folder), { recursive: true });
await buildPage(join(dist, 'dashboard/page.js'));
/** What the page has of others, with their licences. */
const bundled = ['preact', 'uplot', '@fontsource-variable/geist', '@fontsource/source-serif-4'];
const licenceOf = (name) => `${name}\n\n${readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8')}`;
writeFileSync(join(dist, 'dashboard/LICENSES.txt'), bundled.map(licenceOf).join('\n\n'));

chmodSync(join(dist, 'cli/twinstream.js'), 0o755);
