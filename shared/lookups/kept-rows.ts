import type { ObjectStore } from '../ports/object-store.ts';
import { byteCache } from '../storage/byte-cache.ts';
import { type Rows, readTable, rowsOf } from './table-file.ts';

/** What a row of text takes in memory, by its bytes; measured with short rows, which take most. */
const BYTES_A_BYTE = 5;

/** Tables' rows in memory: what one call asks for, and an LRU cache. */
export const keptRows = (lake: Pick<ObjectStore, 'get'>, maxBytes: number) => {
  const kept = byteCache<{ readonly rows: Rows; readonly bytes: number }>(maxBytes, ({ bytes }) => bytes);
  const one = async (table: string, name: string): Promise<Rows> => {
    const known = kept.get(name);
    if (known !== undefined) return known.rows;
    const text = await readTable(lake, table, name);
    const rows = rowsOf(text);
    kept.set(name, { rows, bytes: text.length * BYTES_A_BYTE });
    return rows;
  };
  /** @param wanted table by name of rows. @throws {TableUnreadableError} */
  return async (wanted: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Rows>> => {
    const found = new Map<string, Rows>();
    for (const [name, table] of wanted) found.set(name, await one(table, name));
    return found;
  };
};
