import { promisify } from 'node:util';
import { crc32, gunzip, gzip } from 'node:zlib';
import type { MetricDefinition } from '../definition/definition.ts';
import type { WindowSize } from '../definition/windows.ts';
import type { NamedExclusion } from '../exclusions/exclusions.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { damagedResult, type FileSum, type FileSums, problemOf } from '../storage/file-sums.ts';
import { manifestKey } from '../storage/lake.ts';
import type { Generations } from './generations.ts';
import type { Unread } from './unread.ts';

/** A generation of the batch layer: what it covers, and every file that it is made of. Nothing that it does not name is read. */
export interface Manifest {
  readonly id: string;
  /** It holds exactly the log before this epoch, in epoch milliseconds. */
  readonly horizonMs: number;
  /** Parsed events: type → day → the runs that wrote some. */
  readonly events: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** States: metric id → its definition, and day → window size → files. */
  readonly metrics: Readonly<Record<string, MetricViews>>;
  /** Whose events it leaves out. */
  readonly exclusions: readonly NamedExclusion[];
  /** Raw files that came past their epoch's turn, and that it holds. */
  readonly recovered: readonly string[];
  /** Every file of parsed events and views that it names; missing where an older version wrote it. */
  readonly files?: FileSums;
  /** By shard of the log: the last record of the last raw file that it holds. Missing where an older version wrote it. */
  readonly rawThrough?: Readonly<Record<string, string>>;
  /** The same of the last raw file before the duplicate window: those since are read once more by the next run. */
  readonly rawBefore?: Readonly<Record<string, string>>;
}
export interface MetricViews {
  readonly definition: MetricDefinition;
  /** Fields of older events that the definition does not read, counted when its history was computed; missing where an older version did. */
  readonly unread?: readonly Unread[];
  readonly days: Readonly<Record<string, DayViews>>;
}
export type DayViews = Readonly<Partial<Record<WindowSize, readonly string[]>>>;

export const EMPTY_MANIFEST: Manifest = {
  id: '',
  horizonMs: 0,
  events: {},
  metrics: {},
  exclusions: [],
  recovered: [],
  files: {},
  rawThrough: {},
  rawBefore: {},
};

/** Answers what its file holds, to be noted with the generation before it becomes active. */
export const writeManifest = async (lake: ObjectStore, manifest: Manifest): Promise<FileSum> => {
  const bytes = await promisify(gzip)(JSON.stringify(manifest));
  await lake.put(manifestKey(manifest.id), bytes);
  return [bytes.length, crc32(bytes)];
};

/** @throws {DamagedError} where it is gone or damaged: a generation that is listed but cannot be read is never taken for an empty one. */
export const readManifest = async (lake: ObjectStore, list: Pick<Generations, 'get'>, id: string): Promise<Manifest> => {
  const key = manifestKey(id);
  const bytes = await lake.get(key);
  const problem = problemOf(bytes, (await list.get(id))?.manifest);
  if (bytes === null || problem !== null) throw damagedResult(key, problem ?? '');
  try {
    const { files, rawThrough, rawBefore, ...empty } = EMPTY_MANIFEST;
    const manifest: Manifest = { ...empty, ...JSON.parse((await promisify(gunzip)(bytes)).toString()) };
    if (manifest.id === id) return manifest;
    throw new Error(`It is that of ${manifest.id}`);
  } catch (cause) {
    throw damagedResult(key, `Expected the manifest of ${id}: ${(cause as Error).message}.`);
  }
};

/** A manifest never changes, so the last ones stay in memory. */
export const manifestCache = (lake: ObjectStore, list: Pick<Generations, 'get'>): ((id: string) => Promise<Manifest>) => {
  const cache = new Map<string, Promise<Manifest>>();
  return (id) => {
    const known = cache.get(id) ?? readManifest(lake, list, id);
    cache.delete(id);
    cache.set(id, known);
    known.catch(() => cache.delete(id));
    for (const oldest of [...cache.keys()].slice(0, -3)) cache.delete(oldest);
    return known;
  };
};
