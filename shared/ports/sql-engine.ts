import type { Dialect } from '../sql/dialect.ts';

/** Raw lines of the epochs from ≤ epoch < to; `keys` are their files. */
export interface RawRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly keys: readonly string[];
}

/** Notes a statement that an engine has begun, so that an interrupted run can go on waiting for it. */
export interface Started {
  /** The execution that an earlier run noted; null if none did. */
  readonly id: string | null;
  readonly note: (id: string) => Promise<void>;
  /** How long the caller can wait. */
  readonly msLeft: () => number;
}

/** Runs the batch layer's SQL over the lake. */
export interface SqlEngine {
  readonly dialect: Dialect;
  /** A statement that has to hold rows in memory is given about this many at most. */
  readonly rowsPerQuery: number;
  /** The relation that `dialect.raw` reads. */
  rawLines(range: RawRange): string;
  /** The relation of the parts of parsed events that these runs wrote, with the same columns. */
  parts(runs: readonly string[]): string;
  /** The same of repeated events. */
  repeats(runs: readonly string[]): string;
  /** The relation of these tables' rows: `_rows` (which table), `_key`, and `_row`, the cells as JSON text. */
  tables(rows: readonly string[]): string;
  /**
   * A query's rows; integers come as numbers. If `started` names an execution, its rows, whatever the text.
   * @throws {SqlError} with the engine's own text.
   * @throws {StillRunningError} if the caller cannot wait any longer, and may call again.
   */
  rows(sql: string, started?: Started): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /**
   * Writes a query's rows as Parquet files under a prefix that is still empty, in folders `column=value/`
   * for each partition column, which are left out of the files. At most 99 partitions. Views are compressed with Snappy.
   * @throws {SqlError} with the engine's own text.
   * @throws {StillRunningError} as `rows`.
   */
  unload(sql: string, to: { readonly prefix: string; readonly partitionBy: readonly string[] }, started?: Started): Promise<void>;
}

export class SqlError extends Error {
  override readonly name: string = 'SqlError';
}
/** The statement goes on without its caller, who can wait for it again with the execution that was noted. */
export class StillRunningError extends Error {
  override readonly name = 'StillRunningError';
}
/** The statement needs more memory than the engine has; a retry would, too. */
export class EngineMemoryError extends SqlError {
  override readonly name = 'EngineMemoryError';
}
