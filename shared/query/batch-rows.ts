import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { type WindowKey, windowStartMs } from '../definition/windows.ts';
import type { Json } from '../measures/measure.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Allowance } from '../request/allowance.ts';
import { damagedResult, type FileSum, problemOf } from '../storage/file-sums.ts';

/** A group's states in one window, still encoded. */
export interface BatchRow {
  readonly window: WindowKey;
  readonly startMs: number;
  readonly key: readonly Json[];
  readonly events: number;
  /** In the order of the requested measures. */
  readonly states: readonly Json[];
}

/** Reads view files, which never change, through an LRU cache of their bytes. A file's checksum is verified when it is read. */
export const batchReader = (lake: ObjectStore, maxBytes: number) => {
  const cache = new Map<string, Uint8Array>();
  let cached = 0;
  const fetch = async (key: string, sum: FileSum | undefined): Promise<Uint8Array> => {
    const bytes = await lake.get(key);
    const problem = problemOf(bytes, sum);
    if (bytes === null || problem !== null) throw damagedResult(key, problem ?? '');
    return bytes;
  };
  const load = async (key: string, sum: FileSum | undefined): Promise<Uint8Array> => {
    const bytes = cache.get(key) ?? (await fetch(key, sum));
    if (!cache.delete(key)) cached += bytes.length;
    cache.set(key, bytes);
    for (const [oldest, old] of cache) {
      if (cached <= maxBytes) break;
      cached -= old.length;
      cache.delete(oldest);
    }
    return bytes;
  };
  /**
   * A file's rows in parts, its row groups, so that a query that has to stop can do so between two of them.
   * @throws {DamagedError}
   */
  return async function* (key: string, sum: FileSum | undefined, measures: readonly string[], { take, check }: Allowance): AsyncGenerator<BatchRow[]> {
    const bytes = await load(key, sum);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const metadata = await parsed(key, async () => parquetMetadata(file));
    take('rows', Number(metadata.num_rows));
    const columns = ['window_start', 'group_key', 'group_events', ...measures];
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      check();
      const range = { rowStart, rowEnd: rowStart + Number(num_rows) };
      yield await parsed(key, async () => (await parquetReadObjects({ file, metadata, columns, ...range })).map((row) => rowOf(row, measures)));
      rowStart = range.rowEnd;
    }
  };
};

const rowOf = (row: Readonly<Record<string, unknown>>, measures: readonly string[]): BatchRow => {
  const window = String(row.window_start);
  return {
    window,
    startMs: windowStartMs(window),
    key: JSON.parse(String(row.group_key)) as Json[],
    events: Number(row.group_events),
    states: measures.map((name) => (row[name] == null ? null : JSON.parse(String(row[name])))),
  };
};

/** Parses a file's contents: one that an older version wrote has no checksum that could be verified. */
const parsed = async <T>(key: string, parse: () => Promise<T>): Promise<T> => {
  try {
    return await parse();
  } catch (cause) {
    throw damagedResult(key, `Expected a Parquet file of states: ${(cause as Error).message}.`);
  }
};
