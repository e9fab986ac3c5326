import { stamp, unstamp } from '../log/epochs.ts';
import type { CellKey, CellRange } from '../ports/cell-store.ts';
import type { Consumer } from '../ports/log-reader.ts';

/** All keys of the cell store. Parts of a key are read only by functions of this file. */

/** A dead letter's records are folded under a shard of their own, which no log has, so that its progress shows what was done. */
export const deadLetterShard = ({ shard, first, last }: { shard: string; first: string; last: string }): string => `letter-${shard}-${first}-${last}`;
/** The shard of the log that a dead letter's records are from. */
export const shardOfDeadLetter = (name: string): string => name.slice('letter-'.length).replace(/-[^-]*-[^-]*$/, '');
export const isDeadLetterShard = (shard: string): boolean => shard.startsWith('letter-');

/** The prefix of the names of one log's shards; shards sort in the order in which they began. */
export const logOf = (shard: string): string => shard.slice(0, shard.lastIndexOf('-'));

/** `edits@0123456789ab`: a metric under one definition. */
export const metricId = ({ name, hash }: { name: string; hash: string }): string => `${name}@${hash}`;

export const progressKey = (consumer: Consumer, shard: string): CellKey => ({ partition: 'progress', sort: `${consumer}#${shard}` });
export const progressRange = (consumer: Consumer): CellRange => ({ partition: 'progress', from: `${consumer}#`, to: `${consumer}$` });
export const readProgressSort = (sort: string): { readonly consumer: Consumer; readonly shard: string } => {
  const [consumer = '', shard = ''] = sort.split('#');
  return { consumer: consumer as Consumer, shard };
};
/** How far the host's poller has passed a shard on to a consumer; on AWS the event source mapping keeps that itself. */
export const checkpointKey = (consumer: Consumer | 'index-entities', shard: string): CellKey => ({ partition: 'checkpoints', sort: `${consumer}#${shard}` });
/** The same for the entities' change stream, which is one shard. */
export const indexedKey: CellKey = checkpointKey('index-entities', 'changes');
/** Every definition that was ever folded, by metric id. */
export const definitionKey = (metric: string): CellKey => ({ partition: 'definitions', sort: metric });
export const definitionsRange: CellRange = { partition: 'definitions', from: '', to: '~' };
/** Which epochs of which shards have cells of a metric. */
export const sliceKey = (metric: string, epochMs: number, shard: string): CellKey => ({ partition: `slices#${metric}`, sort: `${stamp(epochMs)}#${shard}` });
export const slicesFrom = (metric: string, epochMs: number): CellRange => ({ partition: `slices#${metric}`, from: stamp(epochMs), to: '~' });
export const slicesBefore = (metric: string, epochMs: number): CellRange => ({ partition: `slices#${metric}`, from: '', to: stamp(epochMs) });
/** Of a slice: whether all of its cells were written with an expiry, so that nobody has to retire them. */
export const sliceBody = (expires: boolean): Uint8Array => Buffer.from(expires ? '1' : '');
export const sliceExpires = (body: Uint8Array): boolean => body.length > 0;
export interface Slice {
  readonly epochMs: number;
  /** With `.` and the bucket, if it is not the first. */
  readonly shard: string;
}
export const readSliceSort = (sort: string): Slice => {
  const [epoch = '', shard = ''] = sort.split('#');
  return { epochMs: unstamp(epoch), shard };
};
export const cellKey = (metric: string, epochMs: number, shard: string, window: string, bucket: number): CellKey => ({
  partition: cellPartition(metric, epochMs, shard),
  sort: `${window}#${bucket}`,
});
/** A bucket has a partition of its own, and a slice: more buckets spread a hot partition. The first has the shard's, as every bucket had before. */
export const bucketCellKey = (metric: string, epochMs: number, shard: string, window: string, bucket: number): CellKey =>
  cellKey(metric, epochMs, bucket === 0 ? shard : `${shard}.${bucket}`, window, bucket);
/** A part of a cell; the first has the cell's own key. */
export const cellPartKey = ({ partition, sort }: CellKey, part: number): CellKey => ({ partition, sort: part === 0 ? sort : `${sort}#${part}` });
export const isCellPartition = (partition: string): boolean => partition.startsWith('cells#');
export const cellPartition = (metric: string, epochMs: number, shard: string): string => `cells#${metric}#${stamp(epochMs)}#${shard}`;
export const readCellPartition = (partition: string): Slice & { readonly metric: string } => {
  const [, metric = '', ...rest] = partition.split('#');
  return { metric, ...readSliceSort(rest.join('#')) };
};
/** The window at the beginning of a cell's sort key. */
export const windowOfCell = (sort: string): string => sort.slice(0, sort.indexOf('#'));
export const bucketOfCell = (sort: string): number => Number(sort.split('#')[1]);
/** A position of a shard, and the epoch of its record. */
export interface Position {
  readonly upTo: string;
  readonly epochMs: number;
}
/** A part of what a consumer noted of a shard's records: those up to `last` and of one epoch, from `first` on. The 1 names the form of the body. */
export const notedKey = (consumer: Consumer, shard: string, epochMs: number, first: string, last: string, part: number): CellKey => ({
  partition: notedPartition(consumer, shard),
  sort: `${stamp(epochMs)}#${padded(last)}#${padded(first)}#1-${part}`,
});
/** What was noted from an epoch, or after a position, on, and up to a position or an epoch; null for all that follows. */
export const notedRange = (consumer: Consumer, shard: string, from: number | Position, to: number | Position | null): CellRange => ({
  partition: notedPartition(consumer, shard),
  from: typeof from === 'number' ? stamp(Math.max(0, from)) : after(from),
  to: to === null ? '~' : typeof to === 'number' ? `${stamp(to)}~` : after(to),
});
export const readNotedSort = (sort: string): { readonly epochMs: number; readonly first: string; readonly last: string } => {
  const [epoch = '', last = '', first = ''] = sort.split('#');
  return { epochMs: unstamp(epoch), first: first.slice(LENGTH_DIGITS), last: last.slice(LENGTH_DIGITS) };
};
const notedPartition = (consumer: Consumer, shard: string): string => `noted#${consumer}#${shard}`;
export const shardOfNotes = (partition: string): string => partition.split('#')[2] ?? '';
/** `$` follows `#`: after every item whose last position is this one. */
const after = ({ epochMs, upTo }: Position): string => `${stamp(epochMs)}#${padded(upTo)}$`;
/** Sequence numbers compare by length, then as text; with the length before them, they sort as text. */
const padded = (sequenceNumber: string): string => `${String(sequenceNumber.length).padStart(LENGTH_DIGITS, '0')}${sequenceNumber}`;
const LENGTH_DIGITS = 3;
/** No log has this shard, so entities forget it with their next event. A repair notes under it what older logs held, and the shards of the renewed log look there. */
export const REPAIR_SHARD = 'repair';

/** How consumers noted ids before there were units: identities by lane, from an epoch on. Read for one window after an upgrade. */
export const seenPartition = (consumer: Consumer, lane: string): string => (consumer === 'aggregate' ? `seen#${lane}` : `seen#${consumer}#${lane}`);
export const readSeenSort = (sort: string): Slice & { readonly first: string; readonly last: string } => {
  const [, , range = ''] = sort.split('#');
  const [first = '', last = ''] = range.split('-');
  return { ...readSliceSort(sort), first, last };
};
export const pointerKey: CellKey = { partition: 'generations', sort: 'active' };
