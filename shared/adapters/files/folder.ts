import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FolderOwnedError } from '../../ports/folder-owned.ts';
import type { ObjectStore, StoredObject } from '../../ports/object-store.ts';

export interface FolderOptions {
  readonly root: string;
  /** Called for a file that another process removed while it was being listed. */
  readonly onGone?: () => void;
}

/** Files in a folder. A write goes to a temporary file, is synced and renamed, so a reader sees all of a file or none of it; a failed write leaves nothing behind. */
export const folder = ({ root, onGone = () => {} }: FolderOptions): ObjectStore => ({
  put: async (key, body) => {
    const path = join(root, key);
    await mkdir(dirname(path), { recursive: true });
    const side = `${path}.${process.pid}-${counter++}${SIDE}`;
    try {
      const file = await open(side, 'w');
      try {
        await file.writeFile(body);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(side, path);
    } catch (error) {
      await rm(side, { force: true }).catch(() => {}); // the first error is the one to report
      throw error;
    }
    await syncFolder(dirname(path));
  },
  get: async (key) => {
    try {
      return await readFile(join(root, key));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
  getRange: async (key, from, to) => {
    try {
      const file = await open(join(root, key));
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
  list: (prefix, after) => walk({ root, onGone, prefix, after }, prefix.slice(0, prefix.lastIndexOf('/') + 1)),
  checksum: async (key) => {
    let sum = 0;
    try {
      for await (const piece of createReadStream(join(root, key), { highWaterMark: PIECE_BYTES })) sum = crc32(piece as Buffer, sum);
      return sum;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
  remove: async (keys) => {
    for (const key of keys) await rm(join(root, key), { force: true });
  },
});

/** The files of a folder that another process owns: every write is refused. */
export const readOnlyFolder = ({ root, owned }: { root: string; owned: FolderOwnedError }): ObjectStore => ({
  ...folder({ root }),
  put: () => Promise.reject(owned),
  remove: () => Promise.reject(owned),
});

export const SIDE = '.part';
const PIECE_BYTES = 1_048_576;
let counter = 0;

interface Walk extends Required<FolderOptions> {
  readonly prefix: string;
  readonly after: string;
}
async function* walk(of: Walk, at: string): AsyncIterable<StoredObject> {
  const { root, onGone, prefix, after } = of;
  const entries = await readdir(join(root, at), { withFileTypes: true }).catch((error) => {
    if (isMissing(error)) return [];
    throw error;
  });
  // By key: a folder sorts as its name with a slash.
  const named = entries.map((entry) => ({ entry, key: at + entry.name + (entry.isDirectory() ? '/' : '') })).sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { entry, key } of named) {
    if (entry.isDirectory()) {
      const mayHold = (key.startsWith(prefix) || prefix.startsWith(key)) && (key > after || after.startsWith(key));
      if (mayHold) yield* walk(of, key);
    } else if (key.startsWith(prefix) && key > after && !key.endsWith(SIDE)) {
      const bytes = await sizeOf(join(root, key));
      if (bytes === null) onGone();
      else yield { key, bytes };
    }
  }
}

/** Null where there is none any more. */
const sizeOf = async (path: string): Promise<number | null> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
};
const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Syncs files that another program wrote, and their folders. */
export const syncFiles = async (paths: readonly string[]): Promise<void> => {
  for (const path of paths) {
    const file = await open(path, 'r');
    await file.sync().finally(() => file.close());
  }
  for (const parent of new Set(paths.map(dirname))) await syncFolder(parent);
};

const syncFolder = async (path: string): Promise<void> => {
  if (sep === '\\') return; // Windows has no folder handles
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
};
