import { windowStartMs } from '../definition/windows.ts';
import type { CellKey, CellStore } from '../ports/cell-store.ts';
import { isCellPartition, progressRange, readCellPartition, windowOfCell } from '../storage/keys.ts';

/** Windows of a metric that changed: the newest ones by their start, in epoch milliseconds, and whether others did, too. */
export interface Changes {
  readonly windows: readonly number[];
  readonly more: boolean;
}
/** What a write to the cell store changed: windows by metric id, and whether the speed layer's watermark may have advanced. */
export interface Written {
  readonly changes: Readonly<Record<string, Changes>>;
  readonly hasProgressed: boolean;
}

/** At most so many windows of a metric are computed at a time, and sent. */
export const MAX_WINDOWS = 60;

/** The newest of the windows. */
export const newestOf = (windows: ReadonlySet<number>, more: boolean): Changes => ({
  windows: [...windows].sort((a, b) => b - a).slice(0, MAX_WINDOWS),
  more: more || windows.size > MAX_WINDOWS,
});

/** Which windows of which metrics these cells belong to. */
export const writtenBy = (keys: readonly CellKey[]): Written => {
  const windows = new Map<string, Set<number>>();
  for (const { partition, sort } of keys) {
    if (!isCellPartition(partition)) continue;
    const { metric } = readCellPartition(partition);
    let ofMetric = windows.get(metric);
    if (ofMetric === undefined) windows.set(metric, (ofMetric = new Set()));
    ofMetric.add(windowStartMs(windowOfCell(sort)));
  }
  const { partition, from, to } = progressRange('aggregate');
  return {
    changes: Object.fromEntries([...windows].map(([metric, ofMetric]) => [metric, newestOf(ofMetric, false)])),
    hasProgressed: keys.some((key) => key.partition === partition && key.sort >= from && key.sort < to),
  };
};

/** The same store, which reports what each write changed, once it is stored. */
export const watchedCells = (store: CellStore, report: (written: Written) => void): CellStore => ({
  ...store,
  put: async (writes) => {
    const outcomes = await store.put(writes);
    const written = writtenBy(writes.flatMap(({ cell }, i) => (outcomes[i] === true ? [cell] : [])));
    if (written.hasProgressed || Object.keys(written.changes).length > 0) report(written);
    return outcomes;
  },
});
