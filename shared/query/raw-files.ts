import { compareSequence } from '../log/sequence.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type RawName, rawPrefix, readRawKey } from '../storage/lake.ts';

export type NamedRaw = RawName & { readonly key: string; readonly bytes: number };

/** Newest first: by epoch, then by position. */
export const newestFirst = (a: RawName, b: RawName): number =>
  b.epochMs - a.epochMs || compareSequence(b.last, a.last) || (a.shard < b.shard ? 1 : a.shard > b.shard ? -1 : 0);

/**
 * Raw files, the newest first, up to one of them, itself included. A store lists forwards only, so each step lists a span before
 * the last one, twice as long: no file's name is read twice, and however long nothing came, few lists are.
 */
export async function* rawFilesBack(lake: ObjectStore, nowMs: number, stepMs: number, from: NamedRaw['epochMs'] | null): AsyncGenerator<NamedRaw> {
  let toMs = from === null ? Number.POSITIVE_INFINITY : from + 1_000;
  let startMs = from ?? nowMs - stepMs;
  for (let spanMs = stepMs; toMs > 0; spanMs *= 2) {
    const found: NamedRaw[] = [];
    const end = Number.isFinite(toMs) ? rawPrefix(toMs) : 'raw/~';
    for await (const { key, bytes } of lake.list('raw/', rawPrefix(Math.max(0, startMs)))) {
      if (key >= end) break;
      const name = readRawKey(key);
      if (name !== null) found.push({ ...name, key, bytes });
    }
    yield* found.sort(newestFirst);
    toMs = Math.max(0, startMs);
    startMs = toMs - spanMs;
  }
}
