import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { Json } from '../domain/measures/measure.ts';
import { type WindowKey, windowStartMs } from '../domain/windows.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Allowance } from './allowance.ts';

/** A group's states in one window, still encoded. */
export interface BatchRow {
  readonly window: WindowKey;
  readonly startMs: number;
  readonly key: readonly Json[];
  readonly events: number;
  /** In the order of the asked measures. */
  readonly states: readonly Json[];
}

/** Reads view files, which never change; the bytes of the last ones stay in memory. */
export const batchReader = (lake: ObjectStore, maxBytes: number) => {
  const cache = new Map<string, Uint8Array>();
  let cached = 0;
  const load = async (key: string): Promise<Uint8Array> => {
    const bytes = cache.get(key) ?? (await lake.get(key));
    if (bytes === null) throw new Error(`Expected the file ${key}, which the active generation names, found nothing`);
    if (!cache.delete(key)) cached += bytes.length;
    cache.set(key, bytes);
    for (const [oldest, old] of cache) {
      if (cached <= maxBytes) break;
      cached -= old.length;
      cache.delete(oldest);
    }
    return bytes;
  };
  /** Its rows in parts, the file's row groups, so that a question that has to end does so between two of them. */
  return async function* (key: string, measures: readonly string[], { take, check }: Allowance): AsyncGenerator<BatchRow[]> {
    const bytes = await load(key);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const metadata = parquetMetadata(file);
    take('rows', Number(metadata.num_rows));
    const columns = ['window_start', 'group_key', 'group_events', ...measures];
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      check();
      const rowEnd = rowStart + Number(num_rows);
      yield (await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd })).map((row) => rowOf(row, measures));
      rowStart = rowEnd;
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
