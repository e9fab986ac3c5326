// npm run reindex: bundles local/reindex.ts and runs it in this process.
import { rmSync } from 'node:fs';

// The AWS clients come with the packages for developing and deploying.
if (process.argv.some((argument) => argument.startsWith('--stage'))) process.argv.push('--dev');
await import('./ready.mjs');
process.argv = process.argv.filter((argument) => argument !== '--dev');
const { bundle } = await import('./bundle.mjs');
const { url, outdir } = await bundle({ reindex: 'local/reindex.ts' }, 'reindex');
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
await import(url);
