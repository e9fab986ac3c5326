import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';

/** Opens a database file that several threads and processes may use: write-ahead log, every commit synced. */
export const openSqlite = (path: string, schema: string): Database.Database => {
  mkdirSync(dirname(path), { recursive: true });
  const database = new Database(path, { timeout: 20_000 });
  database.pragma('busy_timeout = 20000');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  // In KB, of each connection. The default of 2 MB is less than one batch of entities writes.
  database.pragma('cache_size = -16384');
  // In pages of 4 KB: a page that many commits write goes from the log to the file once.
  database.pragma('wal_autocheckpoint = 4000');
  transaction(database, () => database.exec(schema));
  return database;
};

/** Runs work in one write transaction; whatever it throws rolls it back. */
export const transaction = <T>(database: Database.Database, work: () => T): T => {
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
