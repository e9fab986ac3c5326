import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ObjectStore } from '../ports/object-store.ts';
import { tableKey } from '../storage/lake.ts';

/** A row: its key and its cells, by column. An empty cell is left out. */
export interface TableRow {
  readonly key: string;
  readonly row: Readonly<Record<string, string>>;
}
export type Rows = ReadonlyMap<string, TableRow['row']>;

/** A table's bytes, before they are compressed, at most. */
export const MAX_TABLE_BYTES = 16_777_216;

/** A published table cannot be read, so whatever needs it is retried. */
export class TableUnreadableError extends Error {
  override readonly name = 'TableUnreadableError';
}

/** Rows by key, named by their content, so that the same rows are the same file, whoever writes it. */
export interface TableFile {
  readonly name: string;
  /** Before they are compressed. */
  readonly bytes: number;
  readonly body: Uint8Array;
}
export const tableFile = (rows: readonly TableRow[]): TableFile => {
  const sorted = rows.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const text = Buffer.from(sorted.map(({ key, row }) => `${JSON.stringify({ key, row: inOrder(row) })}\n`).join(''));
  return { name: createHash('sha256').update(text).digest('hex'), bytes: text.length, body: gzipSync(text) };
};
const inOrder = (row: TableRow['row']) => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Reads the text of a table.
 * @throws {TableUnreadableError} if it is missing or not the one of that name.
 */
export const readTable = async (lake: Pick<ObjectStore, 'get'>, table: string, name: string): Promise<Buffer> => {
  const unreadable = (found: string, cause?: unknown) =>
    new TableUnreadableError(
      `Expected the rows of lookup '${table}' in ${tableKey(name)}, found ${found}. Put the same table again, and everything that waits for it goes on.`,
      { cause },
    );
  const stored = await lake.get(tableKey(name));
  if (stored === null) throw unreadable('nothing');
  let text: Buffer;
  try {
    text = gunzipSync(stored, { maxOutputLength: MAX_TABLE_BYTES });
  } catch (cause) {
    throw unreadable('a damaged file', cause);
  }
  if (createHash('sha256').update(text).digest('hex') !== name) throw unreadable('other rows');
  return text;
};

export const rowsOf = (text: Buffer): Rows => {
  const rows = new Map<string, TableRow['row']>();
  for (const line of text.toString().split('\n').slice(0, -1)) {
    const { key, row } = JSON.parse(line) as TableRow;
    rows.set(key, row);
  }
  return rows;
};
