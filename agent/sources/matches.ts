import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A file, a folder, or a pattern in the last part of a path: `*` for any characters, `?` for one. */
export interface Matches {
  readonly folder: string;
  /** Whether a file of the folder is one of them. */
  readonly has: (name: string) => boolean;
}

/** Hidden files of a folder are left out. */
export const matchesOf = async (path: string): Promise<Matches> => {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return { folder: path, has: (name) => !name.startsWith('.') };
  const last = basename(path);
  if (!/[*?]/.test(last)) return { folder: dirname(path), has: (name) => name === last };
  const pattern = last
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${pattern}$`);
  return { folder: dirname(path), has: (name) => expression.test(name) && !name.startsWith('.') };
};

export interface Found {
  readonly name: string;
  readonly path: string;
  /** What it is to the file system, whatever its name. */
  readonly inode: string;
  readonly bytes: number;
}
/** The files of a folder, by name. */
export const filesIn = async (folder: string): Promise<readonly Found[]> => {
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name);
  const found: Found[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    // One may be gone by now.
    const { ino, dev, size, isFile } = await stat(path, { bigint: true }).then(
      (stats) => ({ ino: stats.ino, dev: stats.dev, size: Number(stats.size), isFile: stats.isFile() }),
      () => ({ ino: 0n, dev: 0n, size: 0, isFile: false }),
    );
    if (isFile) found.push({ name, path, inode: `${dev}:${ino}`, bytes: size });
  }
  return found;
};
