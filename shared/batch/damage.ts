import type { CellStore } from '../ports/cell-store.ts';
import { DamagedError } from '../ports/damaged.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { documents } from '../storage/documents.ts';
import { isRemade, storedProblem } from '../storage/file-sums.ts';
import { namesIn, wrongSizes } from './generation-files.ts';
import type { Generations } from './generations.ts';
import { type Manifest, readManifest } from './manifest.ts';

export interface Damage {
  /** Its key in the lake. */
  readonly file: string;
  readonly problem: string;
}

const PARTITION = 'damage';

/** Damaged files that have been encountered, noted in the cell store until a run of the batch layer has repaired them. */
export const damages = (store: CellStore) => {
  const stored = documents<Damage>(store, PARTITION);
  return {
    list: (): Promise<Damage[]> => stored.list('', '~'),
    note: async ({ file, problem }: Damage): Promise<void> => {
      await stored.create([{ sort: file, document: { file, problem } }]);
    },
    clear: async (file: string): Promise<void> => {
      await store.expire({ partition: PARTITION, from: file, to: `${file} ` }, 0);
    },
  };
};

export interface Found {
  readonly damaged: readonly Damage[];
  /** Noted files that are intact now, or that no answer needs any more. */
  readonly stale: readonly string[];
}

/**
 * Known damage to the files that answers depend on: the active generation's manifest, the sizes of the files that it names,
 * and noted files. Only noted files are read; of the others, presence and size are checked.
 */
export const findDamage = async ({ lake, store }: { lake: ObjectStore; store: CellStore }, list: Generations): Promise<Found> => {
  const noted = await damages(store).list();
  const damaged: Damage[] = noted.filter(({ file }) => !isRemade(file));
  const active = await list.active();
  if (active === null) return { damaged, stale: [] };
  let manifest: Manifest;
  try {
    manifest = await readManifest(lake, list, active.id);
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    return { damaged: [...damaged, { file: error.file, problem: error.problem }], stale: [] };
  }
  const wrong = await wrongSizes(lake, manifest);
  damaged.push(...wrong);
  const stale: string[] = [];
  const names = new Set(namesIn(manifest));
  for (const one of noted) {
    if (!isRemade(one.file) || wrong.some(({ file }) => file === one.file)) continue;
    const sum = manifest.files?.[one.file];
    const isVouchedFor = sum !== undefined && sum[1] !== null;
    const isStill = isVouchedFor ? (await storedProblem(lake, one.file, sum[0], sum)) !== null : names.has(one.file);
    if (isStill) damaged.push(one);
    else stale.push(one.file);
  }
  return { damaged, stale };
};
