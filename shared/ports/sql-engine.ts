import type { Dialect } from '../sql/dialect.ts';

/** Raw lines of the epochs from ≤ epoch < to; `keys` are their files. */
export interface RawRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly keys: readonly string[];
}
/** Parsed events of one type and day that one run wrote. */
export interface EventPart {
  readonly type: string;
  readonly day: string;
  readonly run: string;
}

/** Runs the batch layer's SQL over the lake. */
export interface SqlEngine {
  readonly dialect: Dialect;
  /** A relation with one column, line. */
  rawLines(range: RawRange): string;
  /** A relation with the columns of parsed events. */
  events(parts: readonly EventPart[]): string;
  /**
   * A query's rows; integers come as numbers.
   * @throws {SqlError} with the engine's own text.
   */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /**
   * Writes a query's rows as Snappy Parquet files under a prefix that is still empty, in folders `column=value/`
   * for each partition column, which are left out of the files. At most 99 partitions.
   * @throws {SqlError} with the engine's own text.
   */
  unload(sql: string, to: { readonly prefix: string; readonly partitionBy: readonly string[] }): Promise<void>;
}

export class SqlError extends Error {
  override readonly name: string = 'SqlError';
}
/** The statement needs more memory than the engine has; a retry would, too. */
export class EngineMemoryError extends SqlError {
  override readonly name = 'EngineMemoryError';
}
