// npm run cost -- --rate 100 --batch 10: what a load costs on AWS, counted. docs/cost.md explains it.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const { url, outdir } = await bundle({ cost: 'cost/cost.ts' }, 'cost', process.env.PIPELINE ?? 'pipeline.ts');
const { status } = spawnSync(process.execPath, ['--max-old-space-size=8192', '--enable-source-maps', fileURLToPath(url), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
rmSync(outdir, { recursive: true, force: true });
process.exitCode = status ?? 1;
