import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { readProgress } from '../consume/horizon.ts';
import type { Progress } from '../consume/progress.ts';
import { compareSequence } from '../log/sequence.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { isRemade } from '../storage/file-sums.ts';
import { type RawName, rawPrefix, readRawKey } from '../storage/lake.ts';
import { damages } from './damage.ts';
import { healRaw, type Lost, type RawPorts } from './heal-raw.ts';
import type { Manifest } from './manifest.ts';
import { lastBefore, walkChain } from './raw-chain.ts';
import { type Recovered, recovered } from './recovered.ts';

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}
interface Asked {
  readonly from: Manifest;
  readonly horizonMs: number;
  /** Epochs whose lines will be read. */
  readonly ranges: readonly Range[];
  /** Files that came late, and will be read too. */
  readonly late: readonly Recovered[];
}
type File = RawName & { readonly key: string; readonly bytes: number };

interface Checked {
  readonly files: { readonly key: string; readonly epochMs: number; readonly bytes: number }[];
  readonly rawThrough: Record<string, string>;
  readonly rawBefore: Record<string, string>;
}

/**
 * Checks the raw files and returns those to read: each must match its checksum, and no shard's chain may have a gap, from
 * the duplicate window before `from` to the last file that the archive wrote. Missing or damaged lines are written again
 * from the log.
 * @throws {DamagedError} naming a raw file that is lost.
 */
export const checkRaw = async (ports: RawPorts & { readonly duplicateWindowMs: number }, { from, horizonMs, ranges, late }: Asked): Promise<Checked> => {
  const { lake, store, telemetry, duplicateWindowMs } = ports;
  // Read before the files are listed, so that every file it names is in the list.
  const progress = await readProgress(store, 'archive');
  const files = new Map<string, File>();
  const list = async (fromMs: number): Promise<void> => {
    for await (const { key, bytes } of lake.list('raw/', rawPrefix(fromMs))) {
      const name = readRawKey(key);
      if (name !== null && !files.has(key)) files.set(key, { ...name, key, bytes });
    }
  };
  const write = async (lost: Lost): Promise<void> => {
    for (const { key } of await healRaw(ports, lost)) {
      files.set(key, { ...(readRawKey(key) as RawName), key, bytes: 1 });
      bad.delete(key);
    }
  };
  const startOf = (shard: string): string => from.rawBefore?.[shard] ?? '0';
  let isAll = from.rawBefore === undefined;
  await list(isAll ? 0 : Math.min(...ranges.map(({ fromMs }) => fromMs)));

  const isDue = ({ epochMs }: File) => ranges.some(({ fromMs, toMs }) => epochMs >= fromMs && epochMs < toMs);
  const bad = new Map<string, string>();
  for (const file of files.values()) {
    const problem = isDue(file) ? await rawProblem(lake, file) : null;
    if (problem !== null) bad.set(file.key, problem);
  }
  for (const { key, ...file } of late) if (!files.has(key)) await write(rangeOf({ ...file, key, prev: null }, 'Expected a file, found nothing.'));

  const rawThrough: Record<string, string> = {};
  const rawBefore: Record<string, string> = {};
  for (const [shard, { lastRaw, rawFrom }] of progress) {
    if (lastRaw === undefined) continue;
    const start = startOf(shard);
    const walk = () =>
      walkChain(
        [...files.values()].filter((file) => file.shard === shard && !bad.has(file.key)),
        start,
        lastRaw,
      );
    let walked = walk();
    // A file that was written behind the horizon is in an older epoch.
    if (walked.gap !== null && !isAll) {
      await list(0);
      isAll = true;
      walked = walk();
    }
    for (; walked.gap !== null; walked = walk()) await write(gapOf(shard, walked.gap, { files, bad, start, rawFrom }));
    const through = lastBefore(walked.reached, horizonMs) ?? from.rawThrough?.[shard];
    if (through !== undefined) rawThrough[shard] = through;
    const before = lastBefore(walked.reached, horizonMs - duplicateWindowMs) ?? from.rawBefore?.[shard];
    if (before !== undefined) rawBefore[shard] = before;
    if (from.rawThrough !== undefined) {
      const held = from.rawThrough[shard] ?? '0';
      const isBehind = ({ key, epochMs, last }: File) => epochMs < from.horizonMs && compareSequence(last, held) > 0 && !from.recovered.includes(key);
      const behind = (walked.reached as File[]).filter(isBehind);
      const known = new Set(behind.length === 0 ? [] : (await recovered(store).list()).map(({ key }) => key));
      const unknown = behind.filter(({ key }) => !known.has(key));
      await recovered(store).note(unknown.map(({ key, epochMs, first, last }) => ({ key, epochMs, shard, first, last })));
      if (unknown.length > 0) {
        telemetry.count('behind_horizon', unknown.length);
        telemetry.error('Raw files are behind the horizon; the next generation will include them', { shard, files: unknown.map(({ key }) => key) });
      }
    }
  }

  for (const [key, problem] of bad) {
    const file = files.get(key) as File;
    const { lastRaw } = progress.get(file.shard) ?? {};
    // The chain is complete without it.
    const isLeftOver = file.prev !== null && lastRaw !== undefined && compareSequence(file.last, startOf(file.shard)) > 0;
    if (isLeftOver) telemetry.warn('A damaged raw file was removed; other files hold its lines', { file: key, problem });
    else await write(rangeOf(file, problem));
    if (bad.delete(key)) {
      await lake.remove([key]);
      files.delete(key);
    }
  }
  await clearNotes(ports, from);
  return {
    files: [...files.values()]
      .filter(isDue)
      .map(({ key, epochMs, bytes }) => ({ key, epochMs, bytes }))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
    rawThrough,
    rawBefore,
  };
};

const rawProblem = async (lake: ObjectStore, { key, bytes, crc }: File): Promise<string | null> => {
  if (bytes === 0) return 'Expected lines, found an empty file.';
  const sum = await lake.checksum(key);
  if (sum === null || sum === crc) return null;
  if (crc !== null) return `Expected the checksum ${crc.toString(16)}, found ${sum.toString(16)}.`;
  try {
    // File names of an older version have no checksum; gzip itself does.
    await promisify(gunzip)((await lake.get(key)) ?? Buffer.alloc(0));
    return null;
  } catch (error) {
    return `Expected a gzip file: ${(error as Error).message}.`;
  }
};

/** The lines of a file whose name is known. */
const rangeOf = (file: Pick<File, 'key' | 'shard' | 'first' | 'last' | 'epochMs' | 'prev'>, problem: string): Lost => ({
  file: file.key,
  problem,
  shard: file.shard,
  after: String(BigInt(file.first) - 1n),
  upTo: file.last,
  witness: file.first,
  epoch: { ms: file.epochMs, isOfAll: true },
  prev: file.prev,
});

/** The lines of a file of which only the last record is known; if a damaged file ends there, the lines of that. */
const gapOf = (
  shard: string,
  upTo: string,
  { files, bad, start, rawFrom }: { files: ReadonlyMap<string, File>; bad: ReadonlyMap<string, string>; start: string; rawFrom: Progress['rawFrom'] },
): Lost => {
  const own = [...files.values()].filter((file) => file.shard === shard);
  const damaged = own.find(({ key, last }) => last === upTo && bad.has(key));
  if (damaged !== undefined) return rangeOf(damaged, bad.get(damaged.key) ?? '');
  const before = own
    .filter(({ key, last }) => !bad.has(key) && compareSequence(last, upTo) < 0)
    .sort((a, b) => compareSequence(a.last, b.last))
    .at(-1);
  const after = before === undefined || compareSequence(before.last, start) < 0 ? start : before.last;
  const file = before?.last === after ? before : own.find(({ last }) => last === after);
  const epoch = file === undefined ? null : { ms: file.epochMs, isOfAll: false };
  const witness = after === '0' ? (rawFrom ?? null) : after;
  return {
    file: missingName(shard, upTo),
    problem: 'Expected a file, found nothing.',
    shard,
    after,
    upTo,
    // Without the previous file the epochs of the lines are unknown.
    witness: after !== '0' && epoch === null ? null : witness,
    epoch,
    prev: after,
  };
};
const missingName = (shard: string, last: string): string => `raw/epoch=*/${shard}-*-${last}-*.ndjson.gz`;
const placeOf = (file: string): { shard: string; last: string } | null => {
  const [, shard = '', last = ''] = /^raw\/epoch=\*\/(.+)-\*-(\d+)-\*\.ndjson\.gz$/.exec(file) ?? [];
  return readRawKey(file) ?? (shard === '' ? null : { shard, last });
};

/** Clears the notes of raw files that this run has found intact, or has repaired. */
const clearNotes = async ({ lake, store }: RawPorts, from: Manifest): Promise<void> => {
  const notes = damages(store);
  for (const { file } of await notes.list()) {
    if (isRemade(file)) continue;
    const place = placeOf(file);
    const isWalked = from.id === '' || place === null || compareSequence(place.last, from.rawBefore?.[place.shard] ?? '0') > 0;
    const crc = readRawKey(file)?.crc ?? null;
    if (isWalked || (crc !== null && (await lake.checksum(file)) === crc)) await notes.clear(file);
  }
};
