import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as otherWork } from 'node:timers/promises';
import Database from 'libsql';
import { isBusy } from './sqlite.ts';

/** What SQLite answers for PRAGMA auto_vacuum (sqlite.org/pragma.html#pragma_auto_vacuum). */
const INCREMENTAL = 2;
/** Free pages below this are left for what comes next, and an eighth of the file is. */
const FEW_PAGES = 256;
/** Moved in one go: 0.5 MB, some milliseconds, in which writers wait. */
const STEP_PAGES = 128;
/** What VACUUM may need beside the file: as much for its copy, and again for the write-ahead log. */
const ROOM_FOR_VACUUM = 3;
/** A write-ahead log that is smaller stays. */
const SMALL_WAL_BYTES = 1_048_576;

/** A connection of its own, which waits for nobody. */
const withFile = <T>(path: string, work: (database: Database.Database) => T): T => {
  const database = new Database(path);
  const end = () => database.close();
  try {
    database.pragma('busy_timeout = 0');
    const result = work(database);
    if (result instanceof Promise) return result.finally(end) as T;
    end();
    return result;
  } catch (error) {
    if (database.open) end();
    throw error;
  }
};
const number = (database: Database.Database, pragma: string): number => Number(Object.values((database.prepare(`PRAGMA ${pragma}`).all() as [object])[0])[0]);

/**
 * Lets a file that an older version made give pages back, by rewriting it once. Answers whether it did: not where it can
 * already, is missing, in use by a writer, or where the disk has no room for a second copy; then a later start does.
 */
export const enableShrinking = (path: string): boolean => {
  if (!existsSync(path)) return false;
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < ROOM_FOR_VACUUM * statSync(path).size) return false;
  return withFile(path, (database) => {
    if (number(database, 'auto_vacuum') === INCREMENTAL) return false;
    try {
      database.pragma('auto_vacuum = INCREMENTAL');
      database.exec('VACUUM');
      database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      throw error;
    }
  });
};

/**
 * Gives free pages of a file back to the disk, but for some that what comes next will take, and empties its write-ahead log.
 * It does as much as it can while nobody else writes; the rest is the next call's. Answers by how many bytes both shrank.
 */
export const tidy = async (path: string): Promise<number> => {
  if (!existsSync(path)) return 0;
  const sizes = () => statSync(path).size + walBytes(path);
  const before = sizes();
  await withFile(path, async (database) => {
    try {
      await shrink(database);
      if (walBytes(path) > SMALL_WAL_BYTES) database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
  });
  return before - sizes();
};

const walBytes = (path: string): number => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;

const shrink = async (database: Database.Database): Promise<void> => {
  if (number(database, 'auto_vacuum') !== INCREMENTAL) return;
  const free = number(database, 'freelist_count');
  const left = Math.max(FEW_PAGES, (number(database, 'page_count') - free) >> 3);
  if (free <= 2 * left) return;
  for (let pages = free - left; pages > 0; pages -= STEP_PAGES) {
    database.exec(`PRAGMA incremental_vacuum(${Math.min(pages, STEP_PAGES)})`);
    await otherWork();
  }
};
