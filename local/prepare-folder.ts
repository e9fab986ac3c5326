import { chmodSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SIDE } from '../shared/adapters/files/folder.ts';
import { DATABASES } from '../shared/adapters/files/folder-seal.ts';
import { BACKUP_COMMAND } from './built.ts';

/** Stands in a copy while it is made (local/backup.ts). */
export const UNFINISHED_COPY = 'unfinished-copy';
/** Where a host alone writes files aside and renames them; what stands elsewhere may be another program's, at this moment. */
const OWN_FOLDERS = ['lake', 'dead-letters'];

/**
 * Brings a data folder that this process owns into order before anything in it is opened: it is its user's alone, and what a
 * host that was killed left half-written is gone.
 * @throws {RangeError} if it is a copy that was not finished, or holds something else.
 */
export const prepareFolder = (dataDir: string): void => {
  refuseForeign(dataDir);
  if (existsSync(join(dataDir, UNFINISHED_COPY)))
    throw new RangeError(`DATA_DIR: ${dataDir} is a copy that was cut off. Remove it, and copy again: ${BACKUP_COMMAND}`);
  lockUp(dataDir);
  for (const name of OWN_FOLDERS) removeSides(join(dataDir, name));
  for (const name of readdirSync(dataDir)) if (name.startsWith('.probe-')) rmSync(join(dataDir, name));
  rmSync(join(dataDir, 'tmp'), { recursive: true, force: true });
};

/** What may be there before the first start: an owner's note, tokens, the feed's place. */
const EARLY = /^(owner\.(db|json)(\.part)?|tokens\.json|access\.json|feed|lost\+found|\..*)$/;

/** A home or a project's folder that is named by mistake is not to be locked up. */
const refuseForeign = (dataDir: string): void => {
  if ([...DATABASES, ...OWN_FOLDERS].some((name) => existsSync(join(dataDir, name)))) return;
  const other = readdirSync(dataDir).find((name) => !EARLY.test(name));
  if (other !== undefined)
    throw new RangeError(`DATA_DIR: Expected a folder of Twinstream, or one that is empty, got ${dataDir}, which holds ${other}. Name one of its own.`);
};

/** What is deep in the folder is looked at only where others could get in until now. */
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
