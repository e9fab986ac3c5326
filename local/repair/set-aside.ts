import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASES, type DatabaseFile } from '../../shared/adapters/files/folder-seal.ts';

/** While it exists, a repair has begun and not ended: no host starts, and the repair has to be run again from its beginning. */
export const REPAIRING = 'repairing.json';
/** Where a repair moves what it replaces. Only a repeated repair reads it. */
export const REPLACED = 'replaced';

export const isRepairing = (dataDir: string): boolean => existsSync(join(dataDir, REPAIRING));

/**
 * Moves the databases aside, once: when an interrupted repair is run again, it reads the same files, and deletes what it had
 * created in their place.
 */
export const setAside = (dataDir: string, nowMs: number): void => {
  const aside = join(dataDir, REPLACED);
  if (!isRepairing(dataDir)) {
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { mode: 0o700 });
    begin(dataDir, nowMs);
  }
  const { databases } = JSON.parse(readFileSync(join(dataDir, REPAIRING), 'utf8')) as { databases: readonly DatabaseFile[] };
  for (const name of DATABASES) {
    const isAside = existsSync(join(aside, name)) || !databases.includes(name);
    // The database is moved last: once it is moved, so is its write-ahead log.
    for (const file of [`${name}-wal`, `${name}-shm`, name]) {
      if (!existsSync(join(dataDir, file))) continue;
      if (isAside) rmSync(join(dataDir, file));
      else renameSync(join(dataDir, file), join(aside, file));
    }
  }
};

const begin = (dataDir: string, nowMs: number): void => {
  const databases = DATABASES.filter((name) => existsSync(join(dataDir, name)));
  const side = join(dataDir, `${REPAIRING}.part`);
  writeFileSync(side, JSON.stringify({ startedAt: new Date(nowMs).toISOString(), databases }), { flush: true });
  renameSync(side, join(dataDir, REPAIRING));
};

export const endRepair = (dataDir: string): void => rmSync(join(dataDir, REPAIRING), { force: true });
