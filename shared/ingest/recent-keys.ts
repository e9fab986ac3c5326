import { crc32 } from 'node:zlib';
import { byteCache } from '../storage/byte-cache.ts';
import { originalBytes, type Submitted } from './submitted.ts';

/**
 * Remembers the most recent idempotency keys (an LRU cache) with digests of their events, within a limit of bytes: as far as
 * this process knows, whether a key is used again for the same request or for another one.
 * @returns whether the events are allowed under this key: it is new, or some of them came under it before. They are remembered.
 */
export const recentKeys = (maxBytes: number) => {
  const known = byteCache<{ readonly digests: ReadonlySet<number>; readonly bytes: number }>(maxBytes, ({ bytes }) => bytes);
  return (key: string, events: readonly Submitted[]): boolean => {
    const digests = events.map((event) => crc32(originalBytes(event)));
    const before = known.get(key)?.digests;
    if (before !== undefined && before.size > 0 && digests.length > 0 && !digests.some((digest) => before.has(digest))) return false;
    const merged = new Set([...(before ?? []), ...digests]);
    known.set(key, { digests: merged, bytes: 2 * key.length + BYTES_A_DIGEST * merged.size });
    return true;
  };
};
/** Roughly the memory of a set of numbers. */
const BYTES_A_DIGEST = 40;
