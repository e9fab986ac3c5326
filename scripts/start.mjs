// Bundles the host with the pipeline, and runs it in this process.
import { rmSync } from 'node:fs';
import { bundle } from './bundle.mjs';

try {
  const threads = Object.fromEntries(['shard-worker', 'change-worker', 'back-office'].map((name) => [name, `local/${name}.ts`]));
  const { url, outdir } = await bundle({ main: 'local/main.ts', ...threads }, 'host');
  process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
  process.setSourceMapsEnabled(true);
  await import(url);
} catch (error) {
  // A pipeline or setting that cannot work says all there is to say.
  console.error(error.name === 'DefinitionError' || error instanceof RangeError ? `${error.name}: ${error.message}` : error);
  process.exit(1);
}
