import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { sep } from 'node:path';

export interface OpenFile {
  readonly bytes: number;
  write(bytes: Buffer, at: number): Promise<void>;
  read(bytes: number, at: number): Promise<Buffer>;
  truncate(bytes: number): Promise<void>;
  /** What was written survives a power failure. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
/** What the channel needs of a file system. A file that is created or renamed survives a power failure once its folder is synced. */
export interface Files {
  /** Names in a folder, which is created if it is missing. */
  list(folder: string): Promise<readonly string[]>;
  /** Null if there is none. */
  read(path: string): Promise<Buffer | null>;
  /** Opens for reading and writing; creates an empty file if there is none. */
  open(path: string): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  syncFolder(folder: string): Promise<void>;
}

export const realFiles: Files = {
  list: async (folder) => {
    await mkdir(folder, { recursive: true });
    return readdir(folder);
  },
  read: (path) =>
    readFile(path).catch((error) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }),
  open: async (path) => {
    const file = await open(path, 'r+').catch((error) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return open(path, 'wx+');
      throw error;
    });
    return {
      bytes: (await file.stat()).size,
      write: async (bytes, at) => {
        for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
      },
      read: async (bytes, at) => {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, at);
        return buffer.subarray(0, bytesRead);
      },
      truncate: (bytes) => file.truncate(bytes),
      sync: () => file.datasync(),
      close: () => file.close(),
    };
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  syncFolder: async (folder) => {
    if (sep === '\\') return; // Windows has no folder handles
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  },
};
