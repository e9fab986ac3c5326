// Rebuilds every store of a folder from the lake's raw lines, and says what was lost.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pipeline from '#pipeline';
import { clock, owner, settings, telemetry } from '#platform';
import { prepareFolder } from '../local/prepare-folder.ts';
import { describeRepair } from '../local/repair/dry-run.ts';
import { repairFolder } from '../local/repair/run.ts';
import { REPLACED } from '../local/repair/set-aside.ts';
import { command, fail, PIPELINE_OPTION, typed } from './command.ts';

const USAGE = `Usage: ${typed('repair')} [--dry-run]

Rebuilds every store in DATA_DIR from the lake's raw lines and from what the log holds beyond them. Run it while no host runs.
  --dry-run  says what is wrong and what would be lost, and changes nothing`;

export const repair = command({
  usage: USAGE,
  options: { 'dry-run': { type: 'boolean' }, ...PIPELINE_OPTION },
  run: async ({ values, positionals }) => {
    if (positionals.length > 0) fail(`Expected no arguments, got '${positionals[0]}'\n\n${USAGE}`);
    const { dataDir, epochLengthMs, duplicateWindowMs, shards, batchMemoryBytes } = settings();
    if (!['log.db', 'lake', REPLACED].some((name) => existsSync(join(dataDir, name))))
      fail(`DATA_DIR: Expected the folder of a host, found neither log.db nor lake in ${dataDir}`);
    const folder = owner();
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
      console.log(`What was replaced is in ${dataDir}/replaced; remove it when you no longer need it. Start the host again.`);
    }
    folder.release();
  },
});
