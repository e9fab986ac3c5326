import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import type { FolderOwnedError } from '../../ports/folder-owned.ts';

/** If given, another process owns the file: it is opened read-only, and a write throws this error. */
type Owned = FolderOwnedError | undefined;
const readers = new WeakMap<Database.Database, FolderOwnedError>();

/** Opens a database file that several threads may use: write-ahead log, every commit synced. */
export const openSqlite = (path: string, schema: string, owned?: Owned): Database.Database => {
  if (owned !== undefined) return openReader(path, owned);
  mkdirSync(dirname(path), { recursive: true });
  const database = new Database(path, { timeout: 20_000 });
  database.pragma('busy_timeout = 20000');
  // A new file can return free pages to the disk (sqlite-files.ts); this must come before its first table.
  database.pragma('auto_vacuum = INCREMENTAL');
  database.pragma('journal_mode = WAL');
  // Shrinks the write-ahead log again after a large commit or a long read.
  database.pragma('journal_size_limit = 16777216');
  database.pragma('synchronous = FULL');
  // In KB, of each connection. The default of 2 MB is less than one batch of entities writes.
  database.pragma('cache_size = -16384');
  // In pages of 4 KB: a page that many commits write is copied to the file once.
  database.pragma('wal_autocheckpoint = 4000');
  transaction(database, () => database.exec(schema));
  return database;
};

/** Creates no file and no table, and makes no checkpoint. libsql supports that only through SQLite's URIs (sqlite.org/uri.html). */
const openReader = (path: string, owned: FolderOwnedError): Database.Database => {
  if (!existsSync(path)) throw new RangeError(`Expected ${basename(path)} in the data folder, found none. ${owned.message}`);
  const database = new Database(`${pathToFileURL(path).href}?mode=ro`, { timeout: 20_000 });
  database.pragma('busy_timeout = 20000');
  database.pragma('query_only = 1');
  readers.set(database, owned);
  return database;
};

/** Runs work in one write transaction; an exception rolls it back. @throws {FolderOwnedError} on a reader. */
export const transaction = <T>(database: Database.Database, work: () => T): T => {
  const owned = readers.get(database);
  if (owned !== undefined) throw owned;
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

/** Runs reads that all see the same state. */
export const snapshot = <T>(database: Database.Database, work: () => T): T => {
  database.exec('BEGIN');
  try {
    return work();
  } finally {
    if (database.inTransaction) database.exec('COMMIT');
  }
};

/** Whether another connection holds a lock for longer than this one waits. */
export const isBusy = (error: unknown): boolean => error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');

/** Adds a column that older files lack; returns whether it was missing. */
export const addColumn = (database: Database.Database, table: string, column: string, type: string): boolean => {
  const columns = database.prepare(`PRAGMA table_info(${table})`).all() as { name: string }[];
  if (columns.some(({ name }) => name === column)) return false;
  database.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`);
  return true;
};
