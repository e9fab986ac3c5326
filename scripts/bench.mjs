// npm run bench [-- NAME…] [--smoke]: every benchmark in bench/, or some; small ones, to try them out. Each checks its result before it prints a figure.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const wanted = process.argv.slice(2).filter((argument) => argument !== '--smoke');
const env = process.argv.includes('--smoke') ? { ...process.env, SMOKE: '1' } : process.env;
const all = readdirSync('bench')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`Expected some of ${all.join(', ')}, got ${unknown.join(', ')}`);
  process.exit(1);
}
const failed = [];
for (const name of wanted.length === 0 ? all : wanted) {
  console.log(`\n# ${name}`);
  const { url, outdir } = await bundle({ [name]: `bench/${name}.ts` }, `bench-${name}`, 'pipeline.ts');
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', fileURLToPath(url)], { stdio: 'inherit', env });
  rmSync(outdir, { recursive: true, force: true });
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\nFailed, or missed a target: ${failed.join(', ')}`);
  process.exit(1);
}
