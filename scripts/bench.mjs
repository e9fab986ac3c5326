// npm run bench [-- NAME]: every benchmark in bench/, or one. Each checks its result before it prints a figure.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const NOT_BENCHMARKS = ['metrics-only.ts', 'quantile.ts'];
const wanted = process.argv.slice(2);
const names = readdirSync('bench')
  .filter((file) => file.endsWith('.ts') && !NOT_BENCHMARKS.includes(file))
  .map((file) => file.slice(0, -3))
  .filter((name) => wanted.length === 0 || wanted.includes(name));
for (const name of names) {
  console.log(`\n# ${name}`);
  const { url, outdir } = await bundle({ [name]: `bench/${name}.ts` }, `bench-${name}`, 'pipeline.ts');
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', fileURLToPath(url)], { stdio: 'inherit' });
  rmSync(outdir, { recursive: true, force: true });
  if (status !== 0) process.exit(status ?? 1);
}
