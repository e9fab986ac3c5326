import { promisify } from 'node:util';
import { crc32, gunzip, gzip } from 'node:zlib';
import type { MetricDefinition } from '../definition/definition.ts';
import type { WindowSize } from '../definition/windows.ts';
import type { NamedExclusion } from '../exclusions/exclusions.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { FieldColumn } from '../sql/fields.ts';
import { damagedResult, type FileSum, type FileSums, problemOf } from '../storage/file-sums.ts';
import { manifestKey } from '../storage/lake.ts';
import type { Generations } from './generations.ts';
import type { Unread } from './unread.ts';

/** A generation of the batch layer: what it covers, and every file that it consists of. No other file is read for answers. */
export interface Manifest {
  readonly id: string;
  /** It holds exactly what the log holds before this epoch, in epoch milliseconds. */
  readonly horizonMs: number;
  /** The form of its files: of `LAYOUT` if this version wrote it, missing or less if an older version did, whose parsed events are not read. */
  readonly layout?: number;
  /** Parsed events: type → day → the runs whose parts hold some of them. */
  readonly events: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** The parts of parsed events, by the run that wrote them. */
  readonly parts: Readonly<Record<string, Part>>;
  /** The columns of fields that parts have, each list once. */
  readonly columns: readonly (readonly FieldColumn[])[];
  /** States: metric id → its definition, and day → window size → files. */
  readonly metrics: Readonly<Record<string, MetricViews>>;
  /** Exclusions that it applies. */
  readonly exclusions: readonly NamedExclusion[];
  /** The revision of reference data that it looks up; missing if there was none. */
  readonly lookups?: number;
  /** Raw files that came after their epoch had been processed, and that are included. */
  readonly recovered: readonly string[];
  /** Every file of parsed events and views that it names; missing if an older version wrote it. */
  readonly files?: FileSums;
  /** By shard of the log: the last record of the last raw file included. Missing if an older version wrote it. */
  readonly rawThrough?: Readonly<Record<string, string>>;
  /** The same for the last raw file before the duplicate window: the files since then are read again by the next run. */
  readonly rawBefore?: Readonly<Record<string, string>>;
}
/** One run's parsed events. */
export interface Part {
  /** Its place in the manifest's `columns`. */
  readonly columns: number;
  /** The first and the last epoch in it. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Lines by type and day; other parts may hold some of the days instead. */
  readonly lines: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The runs that wrote its repeated events. */
  readonly repeats: readonly string[];
}
export interface MetricViews {
  readonly definition: MetricDefinition;
  /** Fields of older events that the definition cannot read, counted when its history was computed; missing if an older version did. */
  readonly unread?: readonly Unread[];
  readonly days: Readonly<Record<string, DayViews>>;
}
export type DayViews = Readonly<Partial<Record<WindowSize, readonly string[]>>>;

/** Raised when the form of parsed events changes: what an older version wrote is then parsed again from the raw lines. */
export const LAYOUT = 2;

export const EMPTY_MANIFEST: Manifest = {
  id: '',
  horizonMs: 0,
  layout: LAYOUT,
  events: {},
  parts: {},
  columns: [],
  metrics: {},
  exclusions: [],
  recovered: [],
  files: {},
  rawThrough: {},
  rawBefore: {},
};

/** Returns the size and checksum of its file, to be recorded with the generation before it becomes active. */
export const writeManifest = async (lake: ObjectStore, manifest: Manifest): Promise<FileSum> => {
  const bytes = await promisify(gzip)(JSON.stringify(manifest));
  await lake.put(manifestKey(manifest.id), bytes);
  return [bytes.length, crc32(bytes)];
};

/** @throws {DamagedError} if it is missing or damaged: a listed generation that cannot be read is never treated as empty. */
export const readManifest = async (lake: ObjectStore, list: Pick<Generations, 'get'>, id: string): Promise<Manifest> => {
  const key = manifestKey(id);
  const bytes = await lake.get(key);
  const problem = problemOf(bytes, (await list.get(id))?.manifest);
  if (bytes === null || problem !== null) throw damagedResult(key, problem ?? '');
  try {
    const { files, rawThrough, rawBefore, layout, ...empty } = EMPTY_MANIFEST;
    const manifest: Manifest = { ...empty, ...JSON.parse((await promisify(gunzip)(bytes)).toString()) };
    if (manifest.id === id) return manifest;
    throw new Error(`It is that of ${manifest.id}`);
  } catch (cause) {
    throw damagedResult(key, `Expected the manifest of ${id}: ${(cause as Error).message}.`);
  }
};

/** A manifest never changes, so the most recent ones stay in memory (an LRU cache). */
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
