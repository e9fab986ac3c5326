import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { MetricDefinition } from '../domain/definition.ts';
import { manifestKey } from '../domain/lake.ts';
import type { WindowSize } from '../domain/windows.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { NamedExclusion } from './exclusions.ts';

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
}
export interface MetricViews {
  readonly definition: MetricDefinition;
  readonly days: Readonly<Record<string, DayViews>>;
}
export type DayViews = Readonly<Partial<Record<WindowSize, readonly string[]>>>;

export const EMPTY_MANIFEST: Manifest = { id: '', horizonMs: 0, events: {}, metrics: {}, exclusions: [], recovered: [] };

export const writeManifest = async (lake: ObjectStore, manifest: Manifest): Promise<void> =>
  lake.put(manifestKey(manifest.id), await promisify(gzip)(JSON.stringify(manifest)));

/** @throws if it is not there: a generation that is listed but cannot be read is never taken for an empty one. */
export const readManifest = async (lake: ObjectStore, id: string): Promise<Manifest> => {
  const bytes = await lake.get(manifestKey(id));
  if (bytes === null) throw new Error(`Expected the manifest of generation ${id} at ${manifestKey(id)}, found nothing`);
  return { ...EMPTY_MANIFEST, ...(JSON.parse((await promisify(gunzip)(bytes)).toString()) as Manifest) };
};

/** A manifest never changes, so the last ones stay in memory. */
export const manifestCache = (lake: ObjectStore): ((id: string) => Promise<Manifest>) => {
  const cache = new Map<string, Promise<Manifest>>();
  return (id) => {
    const known = cache.get(id) ?? readManifest(lake, id);
    cache.delete(id);
    cache.set(id, known);
    known.catch(() => cache.delete(id));
    for (const oldest of [...cache.keys()].slice(0, -3)) cache.delete(oldest);
    return known;
  };
};
