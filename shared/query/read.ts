import { damages } from '../batch/damage.ts';
import type { MetricDefinition } from '../definition/definition.ts';
import type { CellStore } from '../ports/cell-store.ts';
import { DamagedError } from '../ports/damaged.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Allowance } from '../request/allowance.ts';
import { type BatchRow, batchReader } from './batch-rows.ts';
import type { Cut } from './cut.ts';
import type { Gathered } from './gather.ts';
import { cellReader } from './read-cells.ts';
import { type IsWanted, tilesByFile, tilesOf } from './tiles.ts';

/** What takes the rows of some windows of a file. */
interface Taker {
  readonly isWanted: IsWanted;
  readonly take: (row: BatchRow) => void;
}

const CACHE_BYTES = 64 * 1024 * 1024;

/** Reads one metric from batch(generation) ⊕ speed(cells from the horizon on). If a side cannot be read, that is an error, never a smaller number. */
export const layerReader = ({ store, lake }: { readonly store: CellStore; readonly lake: ObjectStore }) => {
  const read = batchReader(lake, CACHE_BYTES);
  /** Damage is noted, so that the next run of the batch layer repairs it. */
  const readRows: typeof read = async function* (...asked) {
    try {
      yield* read(...asked);
    } catch (error) {
      if (error instanceof DamagedError)
        await damages(store)
          .note(error)
          .catch(() => {});
      throw error;
    }
  };

  /** Each file is read once, whatever gathers it. */
  const batch = async (
    { manifest }: Cut,
    metric: string,
    { measures, window }: MetricDefinition,
    gathers: readonly Gathered[],
    allowed: Allowance,
  ): Promise<void> => {
    const views = manifest.metrics[metric]?.days ?? {};
    const reads = [...new Set(gathers.flatMap((gathered) => gathered.reads))];
    const names = reads.map((i) => measures[i]?.name ?? '');
    const takers = new Map<string, Taker[]>();
    for (const { range, panes, add, reads: own } of gathers) {
      const places = own.map((i) => reads.indexOf(i));
      const take = ({ startMs, key, events, states }: BatchRow) => add('batch', startMs, key, events, () => places.map((place) => states()[place] ?? null));
      for (const [file, isWanted] of tilesByFile(views, tilesOf(Object.keys(views), range, panes.isOne, window)))
        takers.set(file, [...(takers.get(file) ?? []), { isWanted, take }]);
    }
    // Known before anything is read.
    for (const file of takers.keys()) allowed.take('bytes', manifest.files?.[file]?.[0] ?? 0);
    for (const [file, some] of takers) {
      const wants: IsWanted = (at, startMs) => some.some(({ isWanted }) => isWanted(at, startMs));
      for await (const { window: at, startMs, rows } of readRows(file, manifest.files?.[file], names, wants, allowed)) {
        const takes = some.filter(({ isWanted }) => isWanted(at, startMs)).map(({ take }) => take);
        for (const row of rows()) for (const take of takes) take(row);
      }
    }
  };

  return { batch, speed: cellReader(store) };
};
