import { dirname } from 'node:path';
import type { Files, OpenFile } from '../../agent/channel/files.ts';
import type { Random } from '../../testing/random.ts';

// A file system in memory that can end at any operation: by a kill, after which everything that was written is there, or by a
// power failure, after which only what was synced is sure to be, and the rest may be in part.

export class EndedError extends Error {
  override readonly name = 'EndedError';
}
interface Inode {
  bytes: Buffer;
  synced: Buffer;
}
export interface MemoryFiles extends Files {
  /** Operations that changed something so far. */
  operations(): number;
  /** How much may be stored; further writes get ENOSPC. */
  limit(bytes: number): void;
  /** Ends at this operation. */
  endAt(operation: number): void;
  /** What the next process finds. */
  after(how: 'kill' | 'power', random: Random): MemoryFiles;
}

export const memoryFiles = (names = new Map<string, Inode>()): MemoryFiles => {
  const durable = new Map(names);
  let operations = 0;
  let last = Number.POSITIVE_INFINITY;
  let maxBytes = Number.POSITIVE_INFINITY;
  const isEnded = (): boolean => operations >= last;
  /** The last operation happens in part. */
  const step = async (run: (isLast: boolean) => void): Promise<void> => {
    await null;
    if (isEnded()) throw new EndedError('The process has ended');
    operations++;
    run(isEnded());
    if (isEnded()) throw new EndedError('The process ends here');
  };
  const used = (): number => [...new Set(names.values())].reduce((sum, { bytes }) => sum + bytes.length, 0);
  const alive = (): void => {
    if (isEnded()) throw new EndedError('The process has ended');
  };
  const full = (): never => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  const opened = (inode: Inode): OpenFile => ({
    bytes: inode.bytes.length,
    write: (bytes, at) =>
      step((isLast) => {
        const room = maxBytes - used() + Math.max(0, inode.bytes.length - at);
        const written = bytes.subarray(0, Math.max(0, Math.min(isLast ? bytes.length >> 1 : bytes.length, room)));
        const whole = Buffer.alloc(Math.max(inode.bytes.length, at + written.length));
        inode.bytes.copy(whole);
        written.copy(whole, at);
        inode.bytes = whole;
        if (room < bytes.length) full();
      }),
    read: async (bytes, at) => {
      alive();
      return Buffer.from(inode.bytes.subarray(at, at + bytes));
    },
    truncate: (bytes) =>
      step(() => {
        inode.bytes = Buffer.concat([inode.bytes, Buffer.alloc(bytes)]).subarray(0, bytes);
      }),
    sync: () =>
      step((isLast) => {
        if (!isLast) inode.synced = inode.bytes;
      }),
    close: async () => {},
  });
  return {
    list: async (folder) => {
      alive();
      return [...names.keys()].filter((path) => dirname(path) === folder).map((path) => path.slice(folder.length + 1));
    },
    read: async (path) => {
      alive();
      return names.get(path)?.bytes ?? null;
    },
    open: async (path) => {
      if (!names.has(path)) await step(() => names.set(path, { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) }));
      alive();
      return opened(names.get(path) as Inode);
    },
    rename: (from, to) =>
      step(() => {
        names.set(to, names.get(from) as Inode);
        names.delete(from);
      }),
    remove: (path) => step(() => names.delete(path)),
    syncFolder: (folder) =>
      step((isLast) => {
        if (isLast) return;
        for (const path of durable.keys()) if (dirname(path) === folder && !names.has(path)) durable.delete(path);
        for (const [path, inode] of names) if (dirname(path) === folder) durable.set(path, inode);
      }),
    operations: () => operations,
    limit: (bytes) => {
      maxBytes = bytes;
    },
    endAt: (operation) => {
      last = operation;
    },
    after: (how, random) => {
      const survivors = how === 'kill' ? names : new Map([...durable, ...[...names].filter(() => random.chance(0.5))]);
      // A removal may be durable, too.
      if (how === 'power') for (const path of [...survivors.keys()]) if (!names.has(path) && random.chance(0.5)) survivors.delete(path);
      const copies = new Map([...new Set(survivors.values())].map((inode) => [inode, how === 'kill' ? inode.bytes : torn(inode, random)] as const));
      return memoryFiles(new Map([...survivors].map(([path, inode]) => [path, { bytes: copies.get(inode) as Buffer, synced: copies.get(inode) as Buffer }])));
    },
  };
};

/** What was synced, and of what was written since, some pages. */
const torn = ({ bytes, synced }: Inode, random: Random): Buffer => {
  const length = random.integer(Math.min(bytes.length, synced.length), bytes.length);
  const result = Buffer.alloc(length);
  for (let at = 0; at < length; at += PAGE_BYTES) {
    const page = random.chance(0.5) ? bytes : synced;
    if (at < page.length) page.copy(result, at, at, Math.min(at + PAGE_BYTES, length));
  }
  return result;
};
const PAGE_BYTES = 64;
