/** How a field can be searched. A number is a double, as in JSON; a date is epoch milliseconds; 'stored' fields (lists, objects) are only shown. */
export type SearchKind = 'text' | 'number' | 'date' | 'boolean' | 'stored';

export interface SearchField {
  readonly name: string;
  readonly kind: SearchKind;
  /** Whether it is part of free-text search. */
  readonly searched: boolean;
}

/** The documents of one entity in a search index. */
export interface SearchSchema {
  readonly name: string;
  /** The entity's identity: documents of another identity have unrelated versions. */
  readonly identity: string;
  readonly fields: readonly SearchField[];
}

/** Consecutive words of a text; the last one may match as a prefix. */
export interface Term {
  readonly words: readonly string[];
  readonly prefix: boolean;
}

/** The position of a hit in its answer's order: its score or value, null if it has none, and its key. */
export interface Place {
  readonly value: number | null;
  readonly key: string;
}

/** Half-open; null for an open end. */
export interface Range {
  readonly from: number | null;
  readonly to: number | null;
}

/** One of these values, or in one of these ranges. */
export interface Filter {
  readonly field: SearchField;
  readonly values: readonly (string | number | boolean)[];
  readonly ranges: readonly Range[];
}

/** Nulls come last either way. Ties are broken by key, by bytes. */
export type Order = { readonly by: 'relevance' | 'key' } | { readonly by: 'field'; readonly field: SearchField; readonly descending: boolean };

/** A search, checked. */
export interface Question {
  /** All of them must be found; null if there is no text. */
  readonly terms: readonly Term[] | null;
  readonly filters: readonly Filter[];
  readonly order: Order;
  readonly limit: number;
  readonly after: Place | null;
}
