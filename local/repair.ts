// npm run repair: makes every store of a folder anew from the lake's raw lines, and says what was lost.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pipeline from '#pipeline';
import { clock, owner, settings, telemetry } from '#platform';
import { prepareFolder } from './prepare-folder.ts';
import { describeRepair } from './repair/dry-run.ts';
import { repairFolder } from './repair/run.ts';
import { REPLACED } from './repair/set-aside.ts';

const USAGE = `Usage: npm run repair [-- --dry-run]

Makes every store in DATA_DIR anew from the lake's raw lines and what the log holds beyond them. Run it while no host runs.
  --dry-run  says what is wrong and what would be lost, and changes nothing`;

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};
const { values } = (() => {
  try {
    return parseArgs({ options: { 'dry-run': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${USAGE}`);
  }
})();
if (values.help) fail(USAGE);

try {
  if (!['log.db', 'lake', REPLACED].some((name) => existsSync(join(settings().dataDir, name))))
    fail(`DATA_DIR: Expected the folder of a host, found neither log.db nor lake in ${settings().dataDir}`);
  const folder = owner();
  const { dataDir, epochLengthMs, duplicateWindowMs, shards, batchMemoryBytes } = settings();
  const options = {
    dataDir,
    pipeline,
    epochLengthMs,
    duplicateWindowMs,
    shards,
    memoryBytes: batchMemoryBytes,
    clock,
    telemetry: telemetry(),
    say: console.log,
  };
  if (values['dry-run']) await describeRepair(options);
  else {
    prepareFolder(dataDir);
    const lost = await repairFolder(options);
    for (const line of lost) console.log(`Lost: ${line}`);
    console.log(lost.length === 0 ? 'Nothing was lost.' : 'Everything else is counted.');
    console.log(`What was replaced is in ${dataDir}/replaced; remove it once you need it no more. Start the host again.`);
  }
  folder.release();
} catch (error) {
  fail((error as Error).message);
}
