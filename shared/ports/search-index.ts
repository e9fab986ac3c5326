import type { Json } from '../measures/measure.ts';
import type { Question, SearchSchema } from './search-question.ts';

export type Presented = Readonly<Record<string, Json>>;
export interface SearchDocument {
  readonly key: string;
  readonly version: number;
  /** What answers show; null where the entity is gone: then no search finds it, and its version stays known. */
  readonly fields: Presented | null;
}
/** `failed`: not now, send it again. `refused`: this one never. */
export type Written = { readonly state: 'done' } | { readonly state: 'failed' | 'refused'; readonly reason: string };
export interface Hit {
  readonly key: string;
  /** Null where relevance is not what they are ordered by. */
  readonly score: number | null;
  readonly entity: Presented;
  /** Searched field → its text as HTML with the matches in <mark>, where there are some. */
  readonly highlights: Readonly<Record<string, string>>;
}
/** `total` is exact. `next` is the place of the last hit if more follow, else null. */
export interface Found {
  readonly total: number;
  readonly hits: readonly Hit[];
  readonly next: Question['after'];
}

/** The index cannot be asked now. */
export class SearchUnavailableError extends Error {
  override readonly name = 'SearchUnavailableError';
}

/** Finds entities. An entity's documents stand in one index, and in a fresh one too while that is built beside it. */
export interface SearchIndex {
  /** Writes each document by itself unless a newer version stands, which is no error. Answers in their order. */
  write(schema: SearchSchema, documents: readonly SearchDocument[]): Promise<readonly Written[]>;
  /** What is written shows a moment later. @throws {SearchUnavailableError} when it is throttled or down for longer than a request can wait. */
  search(schema: SearchSchema, question: Question): Promise<Found>;
  /** Whether the index that answers was built whole, for this very schema. */
  isCurrent(schema: SearchSchema): Promise<boolean>;
  /** Makes a fresh index, in place of one that was not finished; every write that begins after this reaches it too. Answers its name. */
  begin(schema: SearchSchema): Promise<string>;
  /** Lets a fresh index answer from now on, and drops the one before. False if another one was begun meanwhile. */
  finish(schema: SearchSchema, name: string): Promise<boolean>;
}
