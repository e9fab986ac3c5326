/**
 * Epochs: the log's own clock. A record's epoch is the start, in epoch milliseconds, of the epoch in which it arrived, as a
 * running maximum over its shard and that shard's ancestors. Every consumer computes the same from the same records.
 */
export const nextEpoch = (current: number, arrivedAtMs: number, lengthMs: number): number => Math.max(current, Math.floor(arrivedAtMs / lengthMs) * lengthMs);

/** A time that sorts as text and fits a path: 20261121T100000Z. */
export const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.000/g, '');
/** The time of a stamp. */
export const unstamp = (text: string): number => Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z'));
