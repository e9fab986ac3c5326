import { stamp } from '../log/epochs.ts';
import type { CellKey, CellRange } from '../ports/cell-store.ts';
import type { Consumer } from '../ports/log-reader.ts';

/** Where everything stands in the cell store. */

/** A dead letter's records are folded under a shard of their own, which no log has, so that its progress tells what was done. */
export const letterShard = ({ shard, first, last }: { shard: string; first: string; last: string }): string => `letter-${shard}-${first}-${last}`;
export const isLetterShard = (shard: string): boolean => shard.startsWith('letter-');

/** What the names of one log's shards begin with; they sort in the order in which they began. */
export const logOf = (shard: string): string => shard.slice(0, shard.lastIndexOf('-'));

/** `edits@0123456789ab`: a metric under one definition. */
export const metricId = ({ name, hash }: { name: string; hash: string }): string => `${name}@${hash}`;

export const progressKey = (consumer: Consumer, shard: string): CellKey => ({ partition: 'progress', sort: `${consumer}#${shard}` });
export const progressRange = (consumer: Consumer): CellRange => ({ partition: 'progress', from: `${consumer}#`, to: `${consumer}$` });
/** Every definition that was ever folded, by metric id. */
export const definitionKey = (metric: string): CellKey => ({ partition: 'definitions', sort: metric });
/** Which epochs of which shards have cells of a metric. */
export const sliceKey = (metric: string, epochMs: number, shard: string): CellKey => ({ partition: `slices#${metric}`, sort: `${stamp(epochMs)}#${shard}` });
export const slicesFrom = (metric: string, epochMs: number): CellRange => ({ partition: `slices#${metric}`, from: stamp(epochMs), to: '~' });
export const slicesBefore = (metric: string, epochMs: number): CellRange => ({ partition: `slices#${metric}`, from: '', to: stamp(epochMs) });
export const cellKey = (metric: string, epochMs: number, shard: string, window: string, bucket: number): CellKey => ({
  partition: cellPartition(metric, epochMs, shard),
  sort: `${window}#${bucket}`,
});
export const cellPartition = (metric: string, epochMs: number, shard: string): string => `cells#${metric}#${stamp(epochMs)}#${shard}`;
/** Ids of events that a consumer has taken, by lane, from an epoch on. Aggregate's came first, and have no name. */
export const seenPartition = (consumer: Consumer, lane: string): string => (consumer === 'aggregate' ? `seen#${lane}` : `seen#${consumer}#${lane}`);
export const seenSort = (epochMs: number, shard: string, first: string, last: string, part: number): string =>
  `${stamp(epochMs)}#${shard}#${first}-${last}#${part}`;
export const pointerKey: CellKey = { partition: 'generations', sort: 'active' };
