import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @throws {RangeError} unless a file can be written into the folder, which is created if it is missing. */
export const demandWritable = (dataDir: string): void => {
  const probe = join(dataDir, `.probe-${process.pid}`);
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(probe, ''); // an empty file can be written even to a full disk, which can still be queried
    rmSync(probe);
  } catch (cause) {
    throw new RangeError(`DATA_DIR: Expected a folder that can be written, got ${dataDir}: ${(cause as Error).message}`, { cause });
  }
};
