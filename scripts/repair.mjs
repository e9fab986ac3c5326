// npm run repair: bundles local/repair.ts and runs it in this process.
import { rmSync } from 'node:fs';

await import('./ready.mjs');
const { bundle } = await import('./bundle.mjs');
const { url, outdir } = await bundle({ repair: 'local/repair.ts' }, 'repair');
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
await import(url);
