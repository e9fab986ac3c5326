import { createReadStream, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * Written by a clean stop: sizes and checksums of the database files, to which nobody has written since. It is removed before
 * anything is written, so an existing seal is valid, and after a crash there is none.
 */
export const DATABASES = ['log.db', 'views.db', 'entities.db', 'search.db'] as const;
export type DatabaseFile = (typeof DATABASES)[number];

interface Seal {
  /** Size and CRC-32 of each file that existed. */
  readonly files: Readonly<Partial<Record<DatabaseFile, readonly [bytes: number, crc32: number]>>>;
}
export type Sealed = 'same' | 'missing' | 'changed' | 'new';

const SEAL = 'seal.json';
const PIECE_BYTES = 4_194_304;

/** Writes the seal once every database is closed. If a write-ahead log is not empty, its file is incomplete: then there is no seal. */
export const writeSeal = async (dataDir: string): Promise<void> => {
  const there = DATABASES.filter((name) => existsSync(join(dataDir, name)));
  if (there.some((name) => walBytes(dataDir, name) > 0)) return;
  const files: Record<string, [number, number]> = {};
  for (const name of there) files[name] = [statSync(join(dataDir, name)).size, await checksum(join(dataDir, name))];
  const side = join(dataDir, `${SEAL}.part`);
  const file = await open(side, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify({ files } satisfies Seal));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(side, join(dataDir, SEAL));
};

export const removeSeal = (dataDir: string): void => rmSync(join(dataDir, SEAL), { force: true });

/** Compares each database with the seal; null if the last stop was not clean. */
export const heldAgainstSeal = async (dataDir: string): Promise<ReadonlyMap<DatabaseFile, Sealed> | null> => {
  const seal = readSeal(dataDir);
  if (seal === null) return null;
  const found = new Map<DatabaseFile, Sealed>();
  for (const name of DATABASES) {
    const sealed = seal.files[name];
    const path = join(dataDir, name);
    if (!existsSync(path)) {
      if (sealed !== undefined) found.set(name, 'missing');
    } else if (sealed === undefined) found.set(name, 'new');
    else found.set(name, statSync(path).size === sealed[0] && (await checksum(path)) === sealed[1] ? 'same' : 'changed');
  }
  return found;
};

/** An unreadable seal is ignored. */
const readSeal = (dataDir: string): Seal | null => {
  try {
    const seal = JSON.parse(readFileSync(join(dataDir, SEAL), 'utf8')) as Seal;
    return typeof seal.files === 'object' && seal.files !== null ? seal : null;
  } catch {
    return null;
  }
};

export const walBytes = (dataDir: string, name: DatabaseFile): number => {
  const path = join(dataDir, `${name}-wal`);
  return existsSync(path) ? statSync(path).size : 0;
};

const checksum = async (path: string): Promise<number> => {
  let sum = 0;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) sum = crc32(piece as Buffer, sum);
  return sum;
};
