// node scripts/backup.mjs FOLDER: bundles local/backup.ts and runs it in this process.
import { rmSync } from 'node:fs';
import { bundle } from './bundle.mjs';

const { url, outdir } = await bundle({ backup: 'local/backup.ts' }, 'backup');
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
try {
  await (await import(url)).runBackup(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
}
