import type { Json } from '../measures/measure.ts';
import type { Question, SearchSchema } from './search-question.ts';

export type Presented = Readonly<Record<string, Json>>;
export interface SearchDocument {
  readonly key: string;
  readonly version: number;
  /** What answers show; null if the entity is deleted: then no search finds it, but its version is remembered. */
  readonly fields: Presented | null;
}
/** `failed`: not now, retry. `refused`: never. */
export type Written = { readonly state: 'done' } | { readonly state: 'failed' | 'refused'; readonly reason: string };
export interface Hit {
  readonly key: string;
  /** Null if hits are not ordered by relevance. */
  readonly score: number | null;
  readonly entity: Presented;
  /** Searched field → its text as HTML with the matches in <mark>, if there are any. */
  readonly highlights: Readonly<Record<string, string>>;
}
/** `total` is exact. `next` is the position of the last hit if more follow, else null. */
export interface Found {
  readonly total: number;
  readonly hits: readonly Hit[];
  readonly next: Question['after'];
}

/** The index is not available now. */
export class SearchUnavailableError extends Error {
  override readonly name = 'SearchUnavailableError';
}

/** Finds entities. An entity's documents are in one index, and also in a new one while that is being built beside it. */
export interface SearchIndex {
  /** Upserts each document independently; if a newer version is stored, that is not an error and changes nothing. Results are in the documents' order. */
  write(schema: SearchSchema, documents: readonly SearchDocument[]): Promise<readonly Written[]>;
  /** Writes become visible a moment later. @throws {SearchUnavailableError} when it is throttled or down for longer than a request can wait. */
  search(schema: SearchSchema, question: Question): Promise<Found>;
  /** Whether the index in use was built completely, for exactly this schema. */
  isCurrent(schema: SearchSchema): Promise<boolean>;
  /** Creates a new index, replacing one that was not finished; every write that begins after this goes to it too. Returns its name. */
  begin(schema: SearchSchema): Promise<string>;
  /** Puts a new index into use, and deletes the previous one. False if another one was begun meanwhile. */
  finish(schema: SearchSchema, name: string): Promise<boolean>;
}
