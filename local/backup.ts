// A copy of DATA_DIR that is taken while the host runs, and that opens as if it had been killed then.

import { existsSync } from 'node:fs';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import Database from 'libsql';
import { folder } from '../shared/adapters/folder.ts';
import { readSettings } from '../shared/platform/settings.ts';

/**
 * The order matters, since the host goes on meanwhile. What says how far something has come (views) is copied before that very
 * thing, search before the entities that it must not be ahead of, and the log last of all: what stands anywhere stands in it
 * too. A copy with lines in its lake that its log lacks would give their places to others.
 */
const BEFORE_LAKE = ['views.db', 'search.db', 'entities.db'];
const AFTER_LAKE = ['log.db'];
/** The databases' own files; and what belongs to a process. */
const isCopiedAsIs = (name: string): boolean => name !== 'lake' && !/\.db(-wal|-shm)?$/.test(name) && !name.startsWith('.');

/** @throws {RangeError} if the target holds anything. */
export const backup = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  if ((await readdir(to)).length > 0) throw new RangeError(`Expected an empty folder, or none, to copy into, got ${to}`);
  if (!existsSync(join(from, 'log.db'))) throw new RangeError(`DATA_DIR: Expected the folder of a host, found no log.db in ${from}`);
  copyDatabases(from, to, BEFORE_LAKE);
  const [source, target] = [folder({ root: join(from, 'lake') }), folder({ root: join(to, 'lake') })];
  for await (const { key } of source.list('', '')) {
    const bytes = await source.get(key);
    // One that has gone meanwhile is needed no more.
    if (bytes !== null) await target.put(key, bytes);
  }
  copyDatabases(from, to, AFTER_LAKE);
  for (const name of (await readdir(from)).filter(isCopiedAsIs)) await cp(join(from, name), join(to, name), { recursive: true });
};

/** Each by one transaction that reads it all (sqlite.org/lang_vacuum.html#vacuuminto). */
const copyDatabases = (from: string, to: string, names: readonly string[]): void => {
  for (const name of names.filter((one) => existsSync(join(from, one)))) {
    const database = new Database(join(from, name), { timeout: 20_000 });
    try {
      database.prepare('VACUUM INTO ?').run(join(to, name));
    } finally {
      database.close();
    }
  }
};

/** What the command line asks for. */
export const runBackup = async (args: readonly string[]): Promise<void> => {
  const [to, ...more] = args;
  if (to === undefined || more.length > 0) throw new RangeError('Expected one folder to copy into: node scripts/backup.mjs FOLDER');
  const { dataDir } = readSettings(process.env);
  await backup(dataDir, resolve(process.env.INIT_CWD ?? '.', to));
  console.log(`Copied ${dataDir} to ${to}. Start from it with DATA_DIR=${to}`);
};
