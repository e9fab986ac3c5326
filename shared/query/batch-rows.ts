import { parquetReadObjects } from 'hyparquet';
import { type WindowKey, windowStartMs } from '../definition/windows.ts';
import type { Json } from '../measures/measure.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Allowance } from '../request/allowance.ts';
import { stateColumn } from '../sql/view-columns.ts';
import type { FileSum } from '../storage/file-sums.ts';
import { parsed, viewFiles } from './view-files.ts';

/** A group's states in one window, still encoded. */
export interface BatchRow {
  readonly window: WindowKey;
  readonly startMs: number;
  readonly key: readonly Json[];
  readonly events: number;
  /** In the order of the requested measures. */
  readonly states: readonly Json[];
}

/** Reads view files, of which it caches so many bytes. */
export const batchReader = (lake: ObjectStore, maxBytes: number) => {
  const open = viewFiles(lake, maxBytes);
  /**
   * A file's rows in parts, its row groups, so that a query that has to stop can do so between two of them.
   * @throws {DamagedError}
   */
  return async function* (key: string, sum: FileSum | undefined, measures: readonly string[], { take, check }: Allowance): AsyncGenerator<BatchRow[]> {
    const { file, metadata } = await open(key, sum);
    take('rows', Number(metadata.num_rows));
    // Files of an older version have the states in columns of the measures' own names.
    const isOlder = !metadata.schema.some(({ name }) => measures.some((measure) => name === stateColumn(measure)));
    const states = measures.map((measure) => (isOlder ? measure.toLowerCase() : stateColumn(measure)));
    const columns = ['window_start', 'group_key', 'group_events', ...states];
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      check();
      const range = { rowStart, rowEnd: rowStart + Number(num_rows) };
      yield await parsed(key, async () => (await parquetReadObjects({ file, metadata, columns, ...range })).map((row) => rowOf(row, states)));
      rowStart = range.rowEnd;
    }
  };
};

const rowOf = (row: Readonly<Record<string, unknown>>, columns: readonly string[]): BatchRow => {
  const window = String(row.window_start);
  return {
    window,
    startMs: windowStartMs(window),
    key: JSON.parse(String(row.group_key)) as Json[],
    events: Number(row.group_events),
    states: columns.map((name) => (row[name] == null ? null : JSON.parse(String(row[name])))),
  };
};
