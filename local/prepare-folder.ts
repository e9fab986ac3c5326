import { chmodSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SIDE } from '../shared/adapters/files/folder.ts';
import { DATABASES } from '../shared/adapters/files/folder-seal.ts';
import { BACKUP_COMMAND } from './built.ts';

/** Exists in a copy while it is being made (local/backup.ts). */
export const UNFINISHED_COPY = 'unfinished-copy';
/** Folders where only a host writes temporary files and renames them; files elsewhere may belong to another program that runs now. */
const OWN_FOLDERS = ['lake', 'dead-letters'];

/**
 * Prepares a data folder that this process owns before anything in it is opened: makes it private to its user, and removes
 * the half-written files of a killed host.
 * @throws {RangeError} if it is an incomplete copy, or holds something else.
 */
export const prepareFolder = (dataDir: string): void => {
  if (existsSync(join(dataDir, UNFINISHED_COPY)))
    throw new RangeError(`DATA_DIR: ${dataDir} is an incomplete copy. Remove it, and copy again: ${BACKUP_COMMAND}`);
  refuseForeign(dataDir);
  lockUp(dataDir);
  for (const name of OWN_FOLDERS) removeSides(join(dataDir, name));
  for (const name of readdirSync(dataDir)) if (name.startsWith('.probe-')) rmSync(join(dataDir, name));
  rmSync(join(dataDir, 'tmp'), { recursive: true, force: true });
};

/** What may be there before the first start: an owner's note, tokens, the feed's position. */
const EARLY = /^(owner\.(db|json)(\.part)?|tokens\.json|access\.json|feed|lost\+found|\..*)$/;

/** Protects a home or project folder that is named by mistake from being made private. */
const refuseForeign = (dataDir: string): void => {
  if ([...DATABASES, ...OWN_FOLDERS].some((name) => existsSync(join(dataDir, name)))) return;
  const other = readdirSync(dataDir).find((name) => !EARLY.test(name));
  if (other !== undefined)
    throw new RangeError(`DATA_DIR: Expected a folder of Twinstream, or an empty one, got ${dataDir}, which holds ${other}. Name another one.`);
};

/** Deeper files are checked only if others had access until now. */
const lockUp = (dataDir: string): void => {
  if (process.platform === 'win32') return;
  const wasOpen = (statSync(dataDir).mode & 0o077) !== 0;
  chmodSync(dataDir, 0o700);
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isFile()) chmodSync(path, 0o600);
      else if (entry.isDirectory() && wasOpen) {
        chmodSync(path, 0o700);
        visit(path);
      }
    }
  };
  visit(dataDir);
};

const removeSides = (folder: string): void => {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeSides(path);
    else if (basename(path).endsWith(SIDE)) rmSync(path, { force: true });
  }
};
