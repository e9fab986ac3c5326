import { gzipSync } from 'node:zlib';
import { readStoredJson } from '../fold/stored-json.ts';

/** How far a consumer has come on a shard. */
export interface Progress {
  /** Sequence number of the last record whose effects are all stored. */
  readonly upTo: string;
  /** The epoch of that record. */
  readonly epochMs: number;
  readonly arrivedAtMs: number;
  /** The metrics that aggregate folds, by metric id. */
  readonly metrics: Readonly<Record<string, Folded>>;
  /** Of the archive: the last record of the newest raw file; missing if there is none, or none since an older version wrote them. */
  readonly lastRaw?: string;
  /** Of the archive: the first record of the shard that it ever processed; missing if an older version did that. */
  readonly rawFrom?: string;
  /** Of aggregate: the events that it folded; missing before the first, or if an older version wrote it. */
  readonly arrived?: Arrived;
  /** Of consumers that fold: what they noted; missing if an older version did that. */
  readonly noted?: Noted;
  /** Of consumers that look up reference data: the revision that was announced last. Missing if none was ever needed. */
  readonly tables?: Tables;
}
export interface Tables {
  readonly revision: number;
  /** The first epoch in which nothing was folded under another revision. */
  readonly sinceMs: number;
}
/** The events of a shard, without duplicates and excluded ones. */
export interface Arrived {
  /** When the first and the last of them arrived. */
  readonly sinceMs: number;
  readonly atMs: number;
  /** The usual time between two records of them, the mean of so many gaps, lately. */
  readonly gapMs: number;
  readonly gaps: number;
  /** Events a second, lately, at the time of the last. */
  readonly perSecond: number;
  /** By type: how many, and the earliest and latest time of theirs. */
  readonly types: Readonly<Record<string, readonly [events: number, first: string, last: string]>>;
}
/** What a consumer noted of a shard's events, to detect their duplicates. Notes are in items of the store, but for the last few. */
export interface Noted {
  /** The position up to which items hold everything; missing if there are none. */
  readonly tailFrom?: string;
  /** What was noted since, in order. */
  readonly tail: readonly TailNotes[];
  /** The epoch in which the shard began. */
  readonly begunMs: number;
  /** Ancestors with notes that may still matter; missing once the window has passed them. */
  readonly ancestors?: readonly string[];
  /** The last epoch in which an older version may have noted ids by lane; missing once the window has passed it. */
  readonly seenUntilMs?: number;
}
export interface TailNotes {
  readonly epochMs: number;
  /** Sequence numbers of the first and last record that they are of. */
  readonly first: string;
  readonly last: string;
  /** Base64. */
  readonly notes: string;
}
/** The part of the progress that the consumer itself provides. */
export type Kept = Pick<Progress, 'metrics' | 'arrived' | 'lastRaw' | 'rawFrom' | 'noted' | 'tables'>;
export interface Folded {
  /** The first epoch from which on it is complete, in epoch milliseconds; 0 for all of the shard. */
  readonly sinceMs: number;
  /** When it was last folded, by arrival; null while it still is. */
  readonly untilMs: number | null;
}

/** Compressed, so that more notes ride in it before it takes another unit of a store that bills writes by size. */
export const encodeProgress = ({ upTo: _, ...body }: Progress): Uint8Array => gzipSync(JSON.stringify(body));
/** Older versions wrote plain JSON. */
export const decodeProgress = (body: Uint8Array, upTo: string): Progress => ({ ...readStoredJson<Omit<Progress, 'upTo'>>(body), upTo });
