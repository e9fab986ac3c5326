import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { checkFolder } from './check.ts';

/** Checks a folder before a host starts on it: says what was healed, and ends the process where a repair is needed. */
export const checkedAtStart = async (dataDir: string, { clock, telemetry }: { clock: () => number; telemetry: Telemetry }): Promise<void> => {
  const found = await checkFolder(dataDir, clock);
  for (const { file, problem, healed } of found) if (healed !== null) telemetry.warn(`${file}: ${problem} ${healed}`, { file });
  const left = found.filter(({ healed }) => healed === null);
  if (left.length === 0) return;
  for (const { file, problem } of left) console.error(`${file}: ${problem}`);
  console.error(`DATA_DIR=${dataDir} cannot be used as it is. npm run repair makes it whole from the raw lines, and says what was lost.`);
  process.exit(1);
};
