import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync } from 'hyparquet';
import { DamagedError } from '../ports/damaged.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { byteCache } from '../storage/byte-cache.ts';
import { damagedResult, type FileSum, problemOf } from '../storage/file-sums.ts';

/** Up to here, a file is read whole: one request costs less than several. */
const WHOLE_BYTES = 4 * 1024 * 1024;
/** The end of a larger file, which has its metadata. */
const FOOTER_BYTES = 64 * 1024;
/** How many times as large its metadata is in memory. */
const PARSED = 8;

export interface ViewFile {
  readonly open: () => Promise<AsyncBuffer>;
  readonly metadata: FileMetaData;
}

/** The lake cannot be read now, which says nothing about the file. */
class LakeError extends Error {
  override readonly name = 'LakeError';
}

/**
 * View files, which never change, through an LRU cache of their bytes. Of a large file in a store that guarantees contents, only
 * the columns and row groups that are asked for are read. Any other is read whole, and its checksum is verified.
 */
export const viewFiles = (lake: ObjectStore, maxBytes: number) => {
  const cache = byteCache<ArrayBuffer>(maxBytes, ({ byteLength }) => byteLength);
  const footers = byteCache<FileMetaData>(maxBytes / 8, ({ metadata_length }) => PARSED * metadata_length);
  const remembered = async (name: string, read: () => Promise<Uint8Array>): Promise<ArrayBuffer> => {
    const known = cache.get(name);
    if (known !== undefined) return known;
    const bytes = bufferOf(await read());
    cache.set(name, bytes);
    return bytes;
  };
  const whole = async (key: string, sum: FileSum | undefined): Promise<Uint8Array> => {
    const bytes = await lake.get(key);
    const problem = problemOf(bytes, sum);
    if (bytes === null || problem !== null) throw damagedResult(key, problem ?? '');
    return bytes;
  };
  const part = async (key: string, from: number, to: number): Promise<Uint8Array> => {
    const bytes = await lake.getRange(key, from, to).catch((cause) => {
      throw new LakeError('The lake cannot be read', { cause });
    });
    if (bytes === null) throw damagedResult(key, 'Expected a file, found nothing.');
    if (bytes.length !== to - from) throw damagedResult(key, `Expected ${to} bytes, found ${from + bytes.length}.`);
    return bytes;
  };
  /** @throws {DamagedError} */
  return async (key: string, sum: FileSum | undefined): Promise<ViewFile> => {
    const isWhole = sum === undefined || sum[1] !== null || sum[0] <= WHOLE_BYTES;
    const open = async (): Promise<AsyncBuffer> =>
      isWhole
        ? await remembered(key, () => whole(key, sum))
        : { byteLength: sum[0], slice: (from, to = sum[0]) => remembered(`${key}#${from}-${to}`, () => part(key, from, to)) };
    const known = footers.get(key);
    if (known !== undefined) return { open, metadata: known };
    const file = await open();
    const metadata = await parsed(key, () => parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES }));
    footers.set(key, metadata);
    return { open, metadata };
  };
};

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer => buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;

/** Parses a file's contents: one that an older version wrote has no checksum that could be verified. @throws {DamagedError} */
export const parsed = async <T>(key: string, parse: () => Promise<T>): Promise<T> => {
  try {
    return await parse();
  } catch (error) {
    if (error instanceof DamagedError) throw error;
    if (error instanceof LakeError) throw error.cause;
    throw damagedResult(key, `Expected a Parquet file of states: ${(error as Error).message}.`);
  }
};
