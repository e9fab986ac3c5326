import { parquetRead } from 'hyparquet';
import { type WindowKey, windowStartMs } from '../definition/windows.ts';
import type { Json } from '../measures/measure.ts';
import { byteCache } from '../storage/byte-cache.ts';
import { parsed, type ViewFile } from './view-files.ts';

/** The rows of one row group of a view file, by column. */
export interface RowGroup extends Groups {
  /** Of each requested column, the encoded states. */
  readonly states: readonly Texts[];
}
type Texts = readonly (string | null)[];
interface Groups {
  /** Each window once, with the places of its rows. */
  readonly windows: readonly { readonly window: WindowKey; readonly startMs: number; readonly rows: readonly number[] }[];
  readonly keys: readonly (readonly Json[])[];
  readonly events: readonly number[];
}
const GROUPS = ['window_start', 'group_key', 'group_events'] as const;

/** About what V8 takes for an entry of an array, and for a string besides its characters. */
const ENTRY_BYTES = 8;
const TEXT_BYTES = 24;
const bytesOf = (text: string | null): number => (text === null ? 0 : TEXT_BYTES + text.length);
/** Of a row: its key, its number of events and its place. */
const ROW_BYTES = 3 * ENTRY_BYTES;

/**
 * Decoded columns of view files, which never change, through an LRU cache: questions about the same days decode nothing again,
 * and what one question takes of a file depends on the windows that it wants, not on how many are packed into the file.
 */
export const viewColumns = (maxBytes: number) => {
  const cache = byteCache<{ readonly groups?: Groups; readonly texts?: Texts; readonly bytes: number }>(maxBytes, ({ bytes }) => bytes);
  /** @throws {DamagedError} */
  return async (key: string, view: ViewFile, at: number, columns: readonly string[]): Promise<RowGroup> => {
    const nameOf = (column: string): string => `${key}#${at}#${column}`;
    let groups = cache.get(nameOf(''))?.groups;
    const texts = new Map(columns.map((column) => [column, cache.get(nameOf(column))?.texts]));
    const missing = [...texts].flatMap(([column, known]) => (known === undefined ? [column] : []));
    if (groups === undefined || missing.length > 0) {
      const read = await parsed(key, () => readColumns(view, at, [...(groups === undefined ? GROUPS : []), ...missing]));
      for (const column of missing) {
        const decoded = (read.get(column) ?? []) as Texts;
        texts.set(column, decoded);
        cache.set(nameOf(column), { texts: decoded, bytes: decoded.reduce((sum, text) => sum + ENTRY_BYTES + bytesOf(text), 0) });
      }
      if (groups === undefined) {
        const made = await parsed(key, async () => groupsOf(read));
        groups = made.groups;
        cache.set(nameOf(''), made);
      }
    }
    return { ...groups, states: columns.map((column) => texts.get(column) ?? []) };
  };
};

const readColumns = async ({ open, metadata }: ViewFile, at: number, columns: readonly string[]): Promise<Map<string, readonly unknown[]>> => {
  const rowStart = metadata.row_groups.slice(0, at).reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
  const rows = Number(metadata.row_groups[at]?.num_rows ?? 0);
  const read = new Map<string, unknown[]>();
  await parquetRead({
    file: await open(),
    metadata,
    columns: [...columns],
    rowStart,
    rowEnd: rowStart + rows,
    onChunk: ({ columnName, columnData }) => {
      const values = read.get(columnName) ?? [];
      for (const value of columnData as ArrayLike<unknown> & Iterable<unknown>) values.push(value);
      read.set(columnName, values);
    },
  });
  for (const column of columns) {
    const got = read.get(column)?.length ?? 0;
    if (got !== rows) throw new Error(`Expected ${rows} values of ${column}, got ${got}`);
  }
  return read;
};

const groupsOf = (read: ReadonlyMap<string, readonly unknown[]>): { readonly groups: Groups; readonly bytes: number } => {
  const [starts = [], keys = [], events = []] = GROUPS.map((column) => read.get(column));
  const windows = new Map<WindowKey, number[]>();
  for (const [row, start] of starts.entries()) {
    const window = String(start);
    const rows = windows.get(window);
    if (rows === undefined) windows.set(window, [row]);
    else rows.push(row);
  }
  /** The same keys come in every window. */
  const known = new Map<string, readonly Json[]>();
  const keyOf = (text: string): readonly Json[] => {
    const key = known.get(text) ?? (JSON.parse(text) as Json[]);
    known.set(text, key);
    return key;
  };
  const groups = {
    windows: [...windows].map(([window, rows]) => ({ window, startMs: windowStartMs(window), rows })),
    keys: keys.map((text) => keyOf(String(text))),
    events: events.map(Number),
  };
  return { groups, bytes: [...known.keys()].reduce((sum, text) => sum + 2 * bytesOf(text), keys.length * ROW_BYTES) };
};
