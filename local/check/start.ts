import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { checkFolder } from './check.ts';

/** Checks a folder before a host starts on it, and says what was repaired. @throws {RangeError} if a full repair is needed, with a line for each file. */
export const checkedAtStart = async (dataDir: string, { clock, telemetry }: { clock: () => number; telemetry: Telemetry }): Promise<void> => {
  const found = await checkFolder(dataDir, clock);
  for (const { file, problem, healed } of found) if (healed !== null) telemetry.warn(`${file}: ${problem} ${healed}`, { file });
  const left = found.filter(({ healed }) => healed === null);
  if (left.length === 0) return;
  throw new RangeError(
    [
      `DATA_DIR: ${dataDir} cannot be used as it is.`,
      ...left.map(({ file, problem }) => `${file}: ${problem}`),
      'npm run repair rebuilds it from the raw lines, and says what was lost.',
    ].join('\n'),
  );
};
