// Copies DATA_DIR while the host runs; the copy opens as if the host had been killed at that time.
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { folder, SIDE, syncFiles } from '../shared/adapters/files/folder.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import { UNFINISHED_COPY } from './prepare-folder.ts';
import { isRepairing, REPLACED } from './repair/set-aside.ts';

/**
 * The order matters, since the host keeps running. A file that says how far something has come (views) is copied before that
 * thing itself, search before the entities that it must not be ahead of, and the log last: so the copied log has everything
 * that any other file has. With lines in its lake that its log lacks, a copy would reuse their log positions for others.
 */
const BEFORE_LAKE = ['views.db', 'search.db', 'entities.db'];
const AFTER_LAKE = ['log.db'];
/** Files of one process, or files that are created again: not part of a copy. */
const NOT_COPIED = new Set(['lake', 'tmp', 'owner.db', 'owner.json', 'reserve', 'seal.json', REPLACED, UNFINISHED_COPY]);
const isCopiedAsIs = (name: string): boolean =>
  !NOT_COPIED.has(name) && !/\.db(-wal|-shm|-journal)?$/.test(name) && !name.startsWith('.') && !name.endsWith(SIDE);

/**
 * The copy is made as `{to}.part`, and renamed once it is complete. It changes nothing in the folder, and works while the
 * folder's owner runs.
 * @throws {RangeError} if there is nothing to copy, or something is in the way.
 */
export const backup = async (from: string, to: string): Promise<void> => {
  if (existsSync(to) && (await readdir(to)).length > 0) throw new RangeError(`Expected an empty folder, or none, to copy into, got ${to}`);
  if (!existsSync(join(from, 'log.db'))) throw new RangeError(`DATA_DIR: Expected the folder of a host, found no log.db in ${from}`);
  if (existsSync(join(from, UNFINISHED_COPY))) throw new RangeError(`DATA_DIR: ${from} is itself an incomplete copy`);
  if (isRepairing(from)) throw new RangeError(`DATA_DIR: The repair of ${from} was interrupted: npm run repair`);
  if (`${to}${sep}`.startsWith(`${from}${sep}`)) throw new RangeError(`Expected a folder outside of ${from}, got ${to}`);
  const aside = await begin(to);
  copyDatabases(from, aside, BEFORE_LAKE);
  await copyLake(join(from, 'lake'), folder({ root: join(aside, 'lake') }));
  copyDatabases(from, aside, AFTER_LAKE);
  for (const name of (await readdir(from)).filter(isCopiedAsIs)) await cp(join(from, name), join(aside, name), { recursive: true });
  await syncFiles([...BEFORE_LAKE, ...AFTER_LAKE].map((name) => join(aside, name)).filter(existsSync));
  await rm(join(aside, UNFINISHED_COPY));
  if (existsSync(to)) await rmdir(to);
  await rename(aside, to);
};

/** The folder to copy into, from which no host starts. An earlier incomplete copy is removed. */
const begin = async (to: string): Promise<string> => {
  const aside = join(dirname(to), `${basename(to)}${SIDE}`);
  const mark = join(aside, UNFINISHED_COPY);
  if (existsSync(aside) && !existsSync(mark) && (await readdir(aside)).length > 0)
    throw new RangeError(`Expected nothing at ${aside}, where the copy is made until it is complete. Remove it first`);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  await writeFile(mark, '');
  return aside;
};

/** A file that has disappeared meanwhile is not needed; but a raw file may have been joined into a file that was already listed, so the list is read again. */
export const copyLake = async (root: string, target: ObjectStore): Promise<void> => {
  const copied = new Set<string>();
  let hasGone = true;
  const source = folder({ root, onGone: () => (hasGone = true) });
  while (hasGone) {
    hasGone = false;
    for await (const { key } of source.list('', '')) {
      if (copied.has(key)) continue;
      const bytes = await source.get(key);
      if (bytes === null) hasGone = true;
      else await target.put(key, bytes);
      copied.add(key);
    }
  }
};

/** Each in one read transaction (sqlite.org/lang_vacuum.html#vacuuminto). */
const copyDatabases = (from: string, to: string, names: readonly string[]): void => {
  for (const name of names.filter((one) => existsSync(join(from, one)))) {
    const database = new Database(`${pathToFileURL(join(from, name)).href}?mode=ro`, { timeout: 20_000 });
    try {
      database.prepare('VACUUM INTO ?').run(join(to, name));
    } finally {
      database.close();
    }
  }
};
