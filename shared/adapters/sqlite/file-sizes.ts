import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as otherWork } from 'node:timers/promises';
import Database from 'libsql';
import { isBusy } from './sqlite.ts';

/** SQLite's value for PRAGMA auto_vacuum (sqlite.org/pragma.html#pragma_auto_vacuum). */
const INCREMENTAL = 2;
/** This many free pages, and an eighth of the file, are kept for the next writes. */
const FEW_PAGES = 256;
/** Moved in one step: 0.5 MB, some milliseconds, during which writers wait. */
const STEP_PAGES = 128;
/** What VACUUM may need in addition to the file: as much again for its copy, and again for the write-ahead log. */
const ROOM_FOR_VACUUM = 3;
/** A smaller write-ahead log is left alone. */
const SMALL_WAL_BYTES = 262_144;
/** A write-ahead log that grows by less between two looks is nearly idle. */
const QUIET_BYTES = 2_097_152;

/** A separate connection, which never waits for a lock. */
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
 * Lets a file of an older version return free pages, by rewriting it once. Returns whether it did: not if it already can,
 * is missing, is in use by a writer, or if the disk has no room for a second copy; then a later start tries again.
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
      emptyWal(database);
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      throw error;
    }
  });
};

/**
 * Returns a file's free pages to the disk, except some for the next writes, and empties its write-ahead log. It does as
 * much as it can while nobody else writes; the next call does the rest. Returns by how many bytes both shrank.
 */
export const tidy = async (path: string): Promise<number> => {
  if (!existsSync(path)) return 0;
  const sizes = () => statSync(path).size + walBytes(path);
  const before = sizes();
  await withFile(path, async (database) => {
    try {
      await shrink(database);
      if (walBytes(path) > SMALL_WAL_BYTES) emptyWal(database);
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
  });
  return before - sizes();
};

/**
 * Looks after files' write-ahead logs, which SQLite keeps at their largest size: each call empties those that have grown
 * little since the call before, because hardly anybody writes then. One that is in use is left for the next call.
 */
export const walKeeper = (paths: readonly string[]) => {
  const before = new Map<string, number>();
  return (): void => {
    for (const path of paths) {
      const bytes = walBytes(path);
      const grown = bytes - (before.get(path) ?? 0);
      if (bytes > SMALL_WAL_BYTES && grown < QUIET_BYTES)
        try {
          withFile(path, emptyWal);
        } catch (error) {
          if (!isBusy(error)) throw error;
        }
      before.set(path, walBytes(path));
    }
  };
};

const emptyWal = (database: Database.Database): void => void database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
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
