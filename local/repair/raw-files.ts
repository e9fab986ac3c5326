import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import { compareSequence } from '../../shared/log/sequence.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { type RawName, rawKey, readRawKey } from '../../shared/storage/lake.ts';

export interface Raw extends RawName {
  readonly key: string;
}
/** The raw files of a lake: intact ones, and damaged ones. */
export interface Inventory {
  readonly good: readonly Raw[];
  readonly damaged: readonly Raw[];
}

export const takeInventory = async (lake: ObjectStore): Promise<Inventory> => {
  const good: Raw[] = [];
  const damaged: Raw[] = [];
  for await (const { key } of lake.list('raw/', '')) {
    const name = readRawKey(key);
    if (name === null) continue;
    const raw = { ...name, key };
    ((await isGood(lake, raw)) ? good : damaged).push(raw);
  }
  return { good, damaged };
};

const isGood = async (lake: ObjectStore, { key, crc }: Raw): Promise<boolean> => {
  if (crc !== null) return (await lake.checksum(key)) === crc;
  try {
    return gunzipSync((await lake.get(key)) ?? Buffer.alloc(0)).length > 0;
  } catch {
    return false;
  }
};

const filesByShard = (files: readonly Raw[]): ReadonlyMap<string, readonly Raw[]> => {
  const byShard = new Map<string, Raw[]>();
  for (const file of files) {
    const own = byShard.get(file.shard);
    if (own === undefined) byShard.set(file.shard, [file]);
    else own.push(file);
  }
  return byShard;
};

/** Whether a record's lines are in an intact file: a file holds all records of its shard from its first to its last. */
export const coverage = (files: readonly Raw[]): ((shard: string, sequence: string) => boolean) => {
  const byShard = filesByShard(files);
  const sorted = new Map<string, readonly Raw[]>();
  const filesOf = (shard: string): readonly Raw[] => {
    const known = sorted.get(shard) ?? [...(byShard.get(shard) ?? [])].sort((a, b) => compareSequence(a.first, b.first));
    sorted.set(shard, known);
    return known;
  };
  return (shard, sequence) => {
    const all = filesOf(shard);
    // Files may overlap if a batch was written again, so earlier files are checked too, the nearest first.
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareSequence((all[middle] as Raw).first, sequence) <= 0) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= Math.max(0, low - LOOK_BACK); i--) if (compareSequence((all[i] as Raw).last, sequence) >= 0) return true;
    return false;
  };
};
const LOOK_BACK = 64;

/** Ranges of shards whose raw lines are missing: after `after`, up to `upTo`. */
export interface Gap {
  readonly shard: string;
  readonly after: string;
  readonly upTo: string;
}
/** The gaps in the chains of files, as far as a later file, or the archive's progress (shard → the last record that it wrote), shows them. */
export const gapsOf = (files: readonly Raw[], written: ReadonlyMap<string, string>): Gap[] => {
  const isCovered = coverage(files);
  const gaps = new Map<string, Gap>();
  const byShard = filesByShard(files);
  const look = (shard: string, place: string): void => {
    if (place === '0' || isCovered(shard, place)) return;
    const before = (byShard.get(shard) ?? []).map(({ last }) => last).filter((last) => compareSequence(last, place) < 0);
    gaps.set(`${shard} ${place}`, { shard, after: before.sort(compareSequence).at(-1) ?? '0', upTo: place });
  };
  for (const { shard, prev } of files) if (prev !== null) look(shard, prev);
  for (const [shard, last] of written) look(shard, last);
  return [...gaps.values()];
};

/** Every line of the intact gzip members of a damaged file: each member has its own checksum (RFC 1952). */
export const readableLines = (bytes: Buffer): string[] => {
  const starts: number[] = [];
  for (let at = bytes.indexOf(MEMBER); at >= 0; at = bytes.indexOf(MEMBER, at + 1)) starts.push(at);
  return starts.flatMap((start, i) => {
    try {
      return linesOf(gunzipSync(bytes.subarray(start, starts[i + 1] ?? bytes.length)));
    } catch {
      return [];
    }
  });
};
const MEMBER = Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0]);
/** As Latin-1, one character per byte: lines are only passed on. */
const linesOf = (bytes: Buffer): string[] => bytes.toString('latin1').split('\n').slice(0, -1);

export const readLines = async (lake: ObjectStore, key: string): Promise<string[]> => linesOf(gunzipSync((await lake.get(key)) ?? Buffer.alloc(0)));

/** Writes lines under an epoch, which is also in each of them. */
export const writeLines = async (lake: ObjectStore, name: Raw, epochMs: number, lines: readonly string[]): Promise<Raw> => {
  const body = gzipSync(Buffer.from(lines.map((line) => `${line.replace(/^\{"epoch":\d+,/, `{"epoch":${epochMs},`)}\n`).join(''), 'latin1'), { level: 3 });
  const moved = { ...name, epochMs, crc: crc32(body) };
  const key = rawKey(moved);
  await lake.put(key, body);
  return { ...moved, key };
};
