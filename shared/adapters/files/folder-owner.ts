import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { z } from 'zod';
import { FolderOwnedError } from '../../ports/folder-owned.ts';
import { isBusy } from '../sqlite/sqlite.ts';

/** Who owns a data folder, for messages. */
const ABOUT = z.object({ pid: z.int(), command: z.string(), startedAt: z.string(), url: z.string().nullable() });
export type About = z.infer<typeof ABOUT>;

export interface Owner {
  /** Records the owner's address. */
  listensOn(url: string): void;
  /** Lets others own the folder. This process must have closed everything in it before. */
  release(): void;
}

const LOCK = 'owner.db';
const FILE = 'owner.json';

/**
 * Makes this process the one owner of a data folder, until it releases it or ends, however it ends: it holds SQLite's lock on
 * an empty file, which the operating system releases. This process may open no other connection to that file. Files that
 * this process creates from now on can be read only by its user.
 * @throws {FolderOwnedError} naming the owner, since when it runs, and what to do.
 * @throws {RangeError} if the folder cannot be written.
 */
export const ownFolder = (dataDir: string, { command, clock }: { readonly command: string; readonly clock: () => number }): Owner => {
  process.umask(0o077);
  const lock = locked(dataDir);
  const about: About = { pid: process.pid, command, startedAt: new Date(clock()).toISOString(), url: null };
  const say = (now: About): void => {
    try {
      writeFileSync(join(dataDir, `${FILE}.part`), `${JSON.stringify(now)}\n`);
      renameSync(join(dataDir, `${FILE}.part`), join(dataDir, FILE));
    } catch {
      // The disk is full: the file is only for messages.
    }
  };
  say(about);
  return {
    listensOn: (url) => say({ ...about, url }),
    release: () => {
      rmSync(join(dataDir, FILE), { force: true });
      // Closing is not enough: libsql closes a connection only once it is garbage-collected.
      lock.exec('COMMIT');
      lock.pragma('locking_mode = NORMAL');
      lock.pragma('user_version');
      lock.close();
    },
  };
};

const locked = (dataDir: string): Database.Database => {
  let lock: Database.Database | null = null;
  try {
    mkdirSync(dataDir, { recursive: true });
    lock = new Database(join(dataDir, LOCK), { timeout: 0 });
    lock.pragma('busy_timeout = 0');
    lock.pragma('locking_mode = EXCLUSIVE');
    // Otherwise it would write a file, for which a full disk has no room.
    lock.pragma('journal_mode = OFF');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock?.close();
    if (isBusy(cause)) throw owned(dataDir);
    throw new RangeError(`DATA_DIR: Expected a folder that can be written, got ${dataDir}: ${(cause as Error).message}`, { cause });
  }
};

const owned = (dataDir: string): FolderOwnedError => {
  const about = readAbout(dataDir);
  const who = about === null ? 'another process' : `process ${about.pid} (${about.command}), since ${about.startedAt}`;
  const ask = about?.url == null ? '' : `Ask it at ${about.url}, `;
  return new FolderOwnedError(
    `DATA_DIR: ${dataDir} belongs to ${who}. ${ask}${ask === '' ? 'Stop' : 'stop'} it first, or use another DATA_DIR.`,
    about?.url ?? null,
  );
};

/** Null if nothing can be read: the owner has just begun, or the disk is full. */
const readAbout = (dataDir: string): About | null => {
  try {
    return ABOUT.parse(JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')));
  } catch {
    return null;
  }
};
