/**
 * What differs between the SQL engines, and nothing else: each entry builds a fragment from fragments.
 * Only functions that are in the engines' own references, and that gave equal states when whole maps were compared.
 */
export interface Dialect {
  readonly name: 'duckdb' | 'trino';
  /** A type for exact sums of 38 digits. */
  readonly big: string;
  /** A value as JSON text. */
  readonly json: (value: string) => string;
  readonly md5: (text: string) => string;
  readonly fromHex: (text: string) => string;
  /** Decodes hexadecimal digits of UTF-8: the only form in which text of a request is put into a statement. */
  readonly utf8: (hex: string) => string;
  /** The distinct codes where value is not NULL, as an array. */
  readonly distinct: (code: string, value: string) => string;
  /** The column of how often each value occurs, if values are counted in a step of their own (see ranked.ts); null if `topCounts` counts them. */
  readonly counted: string | null;
  /** The n most frequent values as an array of rows (n: −count, v: value), then by value. */
  readonly topCounts: (text: string, n: number) => string;
  /** The n values with the largest totals by magnitude, then by value, as an array of rows (v: value, t: the total as text). */
  readonly topTotals: (value: string, total: string, n: number) => string;
  /** The greatest or least row (t: time, id, v: value) where value is not NULL; reads columns time and id. */
  readonly placed: (fn: 'max' | 'min', value: string, type: string) => string;
  /** Whether a pattern matches the whole text. */
  readonly matches: (text: string, regex: string) => string;
  /** Whether a pattern matches anywhere in the text. */
  readonly finds: (text: string, regex: string) => string;
  /** The second group of a match at the start, NULL if there is none. */
  readonly secondGroup: (text: string, regex: string) => string;
  /** Without these characters at either end. */
  readonly trim: (text: string, characters: string) => string;
  /** The part at a place, from 1, of a text cut at a separator; NULL past the last. */
  readonly part: (text: string, separator: string, place: number) => string;
  /** ISO day of week of a date. */
  readonly weekday: (date: string) => string;
  /**
   * The columns epoch, shard, seq, line, source, id, type, time and subject, each JSON text, and data, a JSON value, of the
   * engine's raw lines (`SqlEngine.rawLines`); all of them NULL for a line that is not JSON.
   */
  readonly raw: (lines: string) => string;
  /** JSON text as the engine's JSON value, and back. */
  readonly parsed: (text: string) => string;
  readonly text: (json: string) => string;
  /** Opens a JSON value once: an expression to be kept as a column, from which `at` takes the values at `paths`. */
  readonly document: (json: string, paths: readonly (readonly string[])[]) => string;
  /** The JSON text of the value at `paths[index]`, NULL if there is none. */
  readonly at: (document: string, paths: readonly (readonly string[])[], index: number) => string;
  /** The rows of a relation once for each item of an array, a column of JSON text, with the column `item`, a JSON value. */
  readonly each: (relation: string, array: string) => string;
  /** The text that a JSON string represents. */
  readonly unquote: (json: string) => string;
  /** Whether JSON text, known to be a string's, has escapes. */
  readonly hasEscapes: (json: string) => string;
  /** A number from 0 to n − 1 that depends on a text alone. */
  readonly bucket: (text: string, n: number) => string;
  /** FROM and WHERE that select the rows of `relation` (as p) that meet a condition and have no equal in `others` (as r): an anti-join. */
  readonly without: (relation: string, others: string, isSame: string, condition: string) => string;
  /** Keyword that keeps a common table expression from being computed twice. */
  readonly materialized: string;
  /** Keyword that keeps one from being held in memory, where it is cheaper to compute it twice. */
  readonly streamed: string;
}

/** Items of a SELECT, a line each. */
export const list = (...items: readonly string[]): string => items.join(',\n  ');
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** A literal of a double; without an exponent it would be a decimal. */
export const double = (value: number): string => value.toExponential().replace('+', '');
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
