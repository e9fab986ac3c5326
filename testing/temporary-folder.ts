import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder, which is deleted when the process ends at the latest. */
export const temporaryFolder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'twinstream-'));
  const atExit = (): void => rmSync(path, { recursive: true, force: true });
  process.on('exit', atExit);
  return {
    path,
    remove: () => {
      process.off('exit', atExit);
      atExit();
    },
  };
};
