// The package's command line (cli/), bundled from this repository: node scripts/twinstream.mjs COMMAND …
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';

// The AWS clients are installed with the development and deployment packages.
if (process.argv.some((argument) => argument.startsWith('--stage'))) process.argv.push('--dev');
await import('./ready.mjs');
process.argv = process.argv.filter((argument) => argument !== '--dev');

const root = resolve(import.meta.dirname, '..');
process.env.PIPELINE ||= resolve(root, 'pipeline.ts');
const { bundle } = await import('./bundle.mjs');
const threads = Object.fromEntries(['shard-worker', 'change-worker', 'back-office'].map((name) => [name, `local/${name}.ts`]));
const { url, outdir } = await bundle({ twinstream: 'cli/twinstream.ts', pipeline: 'shared/pipeline.ts', ...threads }, 'cli', 'local/user-pipeline.ts');
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
process.setSourceMapsEnabled(true);
await import(url);
