import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Position {
  /** Lines up to here were acknowledged before. */
  readonly startLine: number;
  acknowledge(fromLine: number, lines: number): Promise<void>;
  /** Call this once the source has been sent completely. */
  remove(): Promise<void>;
}

/** The position of a feed, durable in a file (null for none): the line up to which every line was acknowledged. */
export const position = async (path: string | null, source: string): Promise<Position> => {
  const startLine = path !== null && existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as { line: number }).line : 0;
  /** One write at a time. */
  let saving = Promise.resolve();
  const save = (line: number): Promise<void> => {
    if (path === null) return saving;
    saving = saving.then(async () => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.part`, JSON.stringify({ source, line }));
      await rename(`${path}.part`, path);
    });
    return saving;
  };
  let contiguous = startLine;
  const acknowledged = new Map<number, number>();
  return {
    startLine,
    acknowledge: async (fromLine, lines) => {
      acknowledged.set(fromLine, fromLine + lines);
      for (let next = acknowledged.get(contiguous); next !== undefined; next = acknowledged.get(contiguous)) {
        acknowledged.delete(contiguous);
        contiguous = next;
      }
      await save(contiguous);
    },
    remove: async () => {
      if (path !== null) await rm(path, { force: true });
    },
  };
};
