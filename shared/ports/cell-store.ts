export interface CellKey {
  readonly partition: string;
  readonly sort: string;
}
export interface Cell extends CellKey {
  /** What compare-and-set compares. */
  readonly version: string;
  /** At most 380 KB. */
  readonly body: Uint8Array;
}
export interface CellRange {
  readonly partition: string;
  readonly from: string;
  readonly to: string;
}
export interface CellWrite {
  readonly cell: Cell;
  /** The version that must be stored; null if the key must be free. */
  readonly expected: string | null;
  /** When it becomes unreadable, in epoch milliseconds; null for never. */
  readonly expiresAtMs: number | null;
}

/** Keyed items with compare-and-set: cells, seen ids, progress and the pointer. Every read sees every write that was acknowledged before it. */
export interface CellStore {
  /** The items in the keys' order, null if there is none. */
  get(keys: readonly CellKey[]): Promise<readonly (Cell | null)[]>;
  /** Items of a partition with from ≤ sort < to, by sort's bytes. */
  query(range: CellRange): Promise<readonly Cell[]>;
  /** Writes each item independently, if its expected version is still stored (optimistic concurrency). Returns whether each was written, in order. */
  put(writes: readonly CellWrite[]): Promise<readonly boolean[]>;
  /**
   * Makes a partition's items with from ≤ sort < to unreadable from a given time on, in epoch milliseconds; they are deleted some
   * time later. A store that bills by size takes its time, and ends between two items once `mayGoOn` says no.
   * Returns whether it got through the whole range; if it did not, another call continues.
   */
  expire(range: CellRange, atMs: number, mayGoOn?: () => boolean): Promise<boolean>;
}
