import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a folder, which is known once the tests run. */
export const filesIn = (folder: () => string) => {
  const read = (name: string): string => readFileSync(join(folder(), name), 'utf8');
  const write = (name: string, text: string): void => {
    mkdirSync(join(folder(), name, '..'), { recursive: true });
    writeFileSync(join(folder(), name), text);
  };
  /** Changes a file for a while. */
  const changed = async (name: string, change: (text: string) => string, run: () => Promise<void>): Promise<void> => {
    const before = existsSync(join(folder(), name)) ? read(name) : null;
    write(name, change(before ?? ''));
    try {
      await run();
    } finally {
      if (before === null) rmSync(join(folder(), name));
      else write(name, before);
    }
  };
  return { read, write, changed };
};
