// npm run feed -- SOURCE: bundles local/feed.ts and runs it in this process.
import { rmSync } from 'node:fs';

await import('./ready.mjs');
const { bundle } = await import('./bundle.mjs');
const { url, outdir } = await bundle({ feed: 'local/feed.ts' }, 'feed');
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
await import(url);
