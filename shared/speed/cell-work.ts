import type { WindowKey } from '../definition/windows.ts';
import { bucketCellKey, cellKey } from '../storage/keys.ts';
import type { CellWork } from './cell-cache.ts';
import type { CompiledMetric } from './placing.ts';

/** What a record adds, by metric, then by window and bucket. */
export type Work = ReadonlyMap<CompiledMetric, Map<string, CellWork>>;
/** Where a record counts. */
export interface RecordPlace {
  readonly shard: string;
  readonly epochMs: number;
}

/** The work on the cell of a window and bucket: there is one for each record. */
export const cellFor = (
  work: Work,
  metric: CompiledMetric,
  { shard, epochMs }: RecordPlace,
  { window, bucket }: { readonly window: WindowKey; readonly bucket: number },
  ofLine: CellWork['ofLine'],
): CellWork => {
  const name = bucket === 0 ? window : `${window} ${bucket}`;
  const cells = work.get(metric) as Map<string, CellWork>;
  let cell = cells.get(name);
  if (cell === undefined) {
    const at = bucketCellKey(metric.id, epochMs, shard, window, bucket);
    const earlier = bucket === 0 ? null : cellKey(metric.id, epochMs, shard, window, bucket);
    cells.set(name, (cell = { at, earlier, fold: metric.fold, events: [], ofLine }));
  }
  return cell;
};
