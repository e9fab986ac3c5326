import { stamp, unstamp } from '../log/epochs.ts';
import type { ObjectStore } from '../ports/object-store.ts';

/** All paths of the lake. Epochs and days sort as text. */

/** raw/epoch=20261121T100000Z/ */
export const rawPrefix = (epochMs: number): string => `raw/epoch=${stamp(epochMs)}/`;
/** The parts of a raw file's name. */
export interface RawName {
  readonly epochMs: number;
  readonly shard: string;
  /** Sequence numbers of its first and last record. */
  readonly first: string;
  readonly last: string;
  /**
   * The last record of the shard's previous raw file, '0' for none: the files of a shard are a chain, so a missing file
   * leaves a gap. Null for a file outside the chain: a late one, or one from before there were chains.
   */
  readonly prev: string | null;
  /** CRC-32 of its bytes; null if an older version named it. */
  readonly crc: number | null;
}
/** The last record and the checksum are part of the name, so that a file is only ever replaced by the same bytes. A late file has its own first record as `prev`. */
export const rawKey = ({ epochMs, shard, first, last, prev, crc }: RawName & { readonly crc: number }): string =>
  `${rawPrefix(epochMs)}${shard}-${first}-${last}-${prev ?? first}-${crc.toString(16).padStart(8, '0')}.ndjson.gz`;
/** Parses a key, of this version's form or the one before; null for any other file. */
export const readRawKey = (key: string): RawName | null => {
  const [, epoch = '', shard = '', first = '', last = '', prev, crc] = CHAINED.exec(key) ?? UNCHAINED.exec(key) ?? [];
  if (shard === '') return null;
  return {
    epochMs: unstamp(epoch),
    shard,
    first,
    last,
    prev: prev === undefined || prev === first ? null : prev,
    crc: crc === undefined ? null : Number.parseInt(crc, 16),
  };
};
/** The number at the end of a shard's name has 12 digits with leading zeros; sequence numbers have none, or are far longer. */
const NUMBER = String.raw`(0|[1-9]\d*|\d{20,})`;
const CHAINED = new RegExp(String.raw`^raw\/epoch=(\d{8}T\d{6}Z)\/([\w-]+)-${NUMBER}-${NUMBER}-${NUMBER}-([0-9a-f]{8})\.ndjson\.gz$`);
const UNCHAINED = new RegExp(String.raw`^raw\/epoch=(\d{8}T\d{6}Z)\/([\w-]+)-${NUMBER}-${NUMBER}\.ndjson\.gz$`);
/** The raw files of the epochs from ≤ epoch < to. */
export const rawKeys = async (lake: ObjectStore, fromMs: number, toMs: number): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of lake.list('raw/', rawPrefix(fromMs))) {
    if (key >= rawPrefix(toMs)) break;
    keys.push(key);
  }
  return keys;
};
/** A raw file that was written. */
export interface RawFile {
  readonly key: string;
  readonly epochMs: number;
  /** Sequence numbers of its first and last record. */
  readonly first: string;
  readonly last: string;
  readonly lines: number;
}

/** Batches that the archive discarded. Lambda chooses the path: aws/lambda/MAPPING/SHARD/2026/11/21/2026-11-21T10.00.00-UUID. */
export const DISCARDED = 'aws/lambda/';

/** Parsed events of one run. */
export const partPrefix = (run: string): string => `events/run=${run}/`;
/** Of parsed events, those whose id occurs twice. */
export const repeatsPrefix = (run: string): string => `repeats/run=${run}/`;
/** Where an older version had the parsed events of one run, type and day. */
export const typeDayPrefix = ({ run, type, day }: { run: string; type: string; day: string }): string => `events/run=${run}/type=${type}/day=${day}/`;
/** The rows of a table of reference data, by the SHA-256 of their text. */
export const tableKey = (rows: string): string => `${tablePrefix(rows)}rows.ndjson.gz`;
export const tablePrefix = (rows: string): string => `lookups/sha256=${rows}/`;
/** What generations are made of, besides their manifests. */
export const RESULT_ROOTS = ['events/', 'repeats/', 'views/'] as const;
export const viewsRoot =
  (metric: string) =>
  (run: string): string =>
    `views/metric=${metric}/run=${run}/`;
/** For other tools: which files of the active generation hold a metric's windows of one size. */
export const linkKey = (metric: string, size: string): string => `links/metric=${metric}/window_size=${size}/files.txt`;
export const manifestKey = (generation: string): string => `generations/${generation}.json.gz`;
/** Journal of a build in progress; deleted when the generation is published. */
export const journalKey = (generation: string): string => `generations/${generation}.journal.json`;
/** quarantine/reason=invalid/2026/11/21/10/ */
export const quarantinePrefix = (reason: string, ms: number): string => `${quarantineRoot(reason)}${quarantineHour(ms)}`;
export const quarantineRoot = (reason: string): string => `quarantine/reason=${reason}/`;
export const quarantineHour = (ms: number): string => `${new Date(ms).toISOString().slice(0, 13).replace(/[-T]/g, '/')}/`;
