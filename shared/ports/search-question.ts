/** What a field can be asked for. A number is a double, as it is in JSON; a date is epoch milliseconds; what is stored alone (lists, objects) is only shown. */
export type SearchKind = 'text' | 'number' | 'date' | 'boolean' | 'stored';

export interface SearchField {
  readonly name: string;
  readonly kind: SearchKind;
  /** Whether free text is looked for in it. */
  readonly searched: boolean;
}

/** The documents of one entity in a search index. */
export interface SearchSchema {
  readonly name: string;
  /** Names the entity's identity: documents of another one count their versions otherwise. */
  readonly identity: string;
  readonly fields: readonly SearchField[];
}

/** Words that follow one another in a text; the last one may be the beginning of a longer word. */
export interface Term {
  readonly words: readonly string[];
  readonly prefix: boolean;
}

/** Where a hit stands in its answer's order: its score or value, null where it has none, and its key. */
export interface Place {
  readonly value: number | null;
  readonly key: string;
}

/** Half-open; null where it has no end. */
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

/** Nulls come last either way. Keys decide between equals, by their bytes. */
export type Order = { readonly by: 'relevance' | 'key' } | { readonly by: 'field'; readonly field: SearchField; readonly descending: boolean };

/** A search, checked. */
export interface Question {
  /** All of them must be found; null where no text is asked for. */
  readonly terms: readonly Term[] | null;
  readonly filters: readonly Filter[];
  readonly order: Order;
  readonly limit: number;
  readonly after: Place | null;
}
