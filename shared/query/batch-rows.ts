import type { WindowKey } from '../definition/windows.ts';
import type { Json } from '../measures/measure.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Allowance } from '../request/allowance.ts';
import { stateColumn } from '../sql/view-columns.ts';
import type { FileSum } from '../storage/file-sums.ts';
import type { IsWanted } from './tiles.ts';
import { type RowGroup, viewColumns } from './view-columns.ts';
import { viewFiles } from './view-files.ts';

/** A group's states in one window. */
export interface BatchRow {
  readonly startMs: number;
  readonly key: readonly Json[];
  readonly events: number;
  /** Still encoded, in the order of the requested measures. */
  readonly states: () => readonly Json[];
}
export interface BatchWindow {
  readonly window: WindowKey;
  readonly startMs: number;
  readonly rows: () => Iterable<BatchRow>;
}

/** Reads view files. It caches so many bytes: a quarter of files, the rest of decoded columns. */
export const batchReader = (lake: ObjectStore, maxBytes: number) => {
  const open = viewFiles(lake, maxBytes / 4);
  const columnsOf = viewColumns((maxBytes * 3) / 4);
  /**
   * The wanted windows of a file, row group by row group, so that a query that has to stop can do so between two of them.
   * @throws {DamagedError}
   */
  return async function* (
    key: string,
    sum: FileSum | undefined,
    measures: readonly string[],
    isWanted: IsWanted,
    { take, check }: Allowance,
  ): AsyncGenerator<BatchWindow> {
    const view = await open(key, sum);
    const { metadata } = view;
    take('rows', Number(metadata.num_rows));
    // Files of an older version have the states in columns of the measures' own names.
    const isOlder = !metadata.schema.some(({ name }) => measures.some((measure) => name === stateColumn(measure)));
    const columns = measures.map((measure) => (isOlder ? measure.toLowerCase() : stateColumn(measure)));
    for (const at of metadata.row_groups.keys()) {
      check();
      const group = await columnsOf(key, view, at, columns);
      for (const { window, startMs, rows } of group.windows) if (isWanted(window, startMs)) yield { window, startMs, rows: () => rowsOf(group, startMs, rows) };
    }
  };
};

function* rowsOf({ keys, events, states }: RowGroup, startMs: number, rows: readonly number[]): Generator<BatchRow> {
  for (const i of rows) {
    let parsed: readonly Json[] | null = null;
    yield {
      startMs,
      key: keys[i] ?? [],
      events: events[i] ?? 0,
      // Several parts of an answer may take it.
      states: () => (parsed ??= states.map((texts) => (texts[i] == null ? null : (JSON.parse(texts[i]) as Json)))),
    };
  }
}
