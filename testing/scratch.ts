import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder, which is gone with the process at the latest. */
export const scratchFolder = (): { readonly path: string; remove(): Promise<void> } => {
  const path = mkdtempSync(join(tmpdir(), 'twinstream-'));
  const atExit = (): void => rmSync(path, { recursive: true, force: true });
  process.on('exit', atExit);
  return {
    path,
    remove: async () => {
      process.off('exit', atExit);
      await rm(path, { recursive: true, force: true });
    },
  };
};
