import { crc32 } from 'node:zlib';
import { DamagedError } from '../ports/damaged.ts';
import type { ObjectStore } from '../ports/object-store.ts';

/** Size of a file when it was written, and its CRC-32 unless the store itself guarantees contents. */
export type FileSum = readonly [bytes: number, crc32: number | null];
/** By key. */
export type FileSums = Readonly<Record<string, FileSum>>;

const WAY_BACK = 'The next run of the batch layer rebuilds it from the raw lines; POST /recompute {"repair": true} requests that now.';

/** A damaged file that a repair generation can rebuild. */
export const damagedResult = (file: string, problem: string): DamagedError => new DamagedError(file, problem, WAY_BACK);
export const isRemade = (file: string): boolean => !file.startsWith('raw/');

/** What is wrong with a file's bytes; null if nothing is. Without a sum (older versions), only a missing file is detected. */
export const problemOf = (bytes: Uint8Array | null, sum: FileSum | undefined): string | null => {
  if (bytes === null) return 'Expected a file, found nothing.';
  if (sum === undefined) return null;
  const crc = sum[1] === null ? null : crc32(bytes);
  return sizeProblem(bytes.length, sum) ?? (crc === sum[1] ? null : contentsProblem(crc, sum));
};
export const sizeProblem = (bytes: number | undefined, sum: FileSum | undefined): string | null => {
  if (bytes === undefined) return 'Expected a file, found nothing.';
  return sum === undefined || bytes === sum[0] ? null : `Expected ${sum[0]} bytes, found ${bytes}.`;
};
const hex = (crc: number | null): string => (crc ?? 0).toString(16).padStart(8, '0');
const contentsProblem = (crc: number | null, [, expected]: FileSum): string => `Expected the checksum ${hex(expected)}, found ${hex(crc)}.`;

/** What is wrong with a file as it is stored now; null if nothing is. */
export const storedProblem = async (lake: ObjectStore, key: string, bytes: number | undefined, sum: FileSum | undefined): Promise<string | null> => {
  const problem = sizeProblem(bytes, sum);
  if (problem !== null || sum === undefined || sum[1] === null) return problem;
  const crc = await lake.checksum(key);
  return crc === sum[1] ? null : contentsProblem(crc, sum);
};

/** Sizes of the files under a prefix, by key. */
export const sizesUnder = async (lake: ObjectStore, prefix: string): Promise<Map<string, number>> => {
  const sizes = new Map<string, number>();
  for await (const { key, bytes } of lake.list(prefix, '')) sizes.set(key, bytes);
  return sizes;
};
