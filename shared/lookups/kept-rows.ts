import type { ObjectStore } from '../ports/object-store.ts';
import { type Rows, readTable, rowsOf } from './table-file.ts';

/** What a row of text takes in memory, by its bytes; measured with short rows, which take most. */
const BYTES_A_BYTE = 5;

/** Tables' rows in memory: an LRU cache, which may be past its limit only by what one call asks for. */
export const keptRows = (lake: Pick<ObjectStore, 'get'>, maxBytes: number) => {
  const kept = new Map<string, { readonly rows: Rows; readonly bytes: number }>();
  const one = async (table: string, name: string): Promise<Rows> => {
    const known = kept.get(name);
    if (known !== undefined) {
      kept.delete(name);
      kept.set(name, known);
      return known.rows;
    }
    const text = await readTable(lake, table, name);
    const rows = rowsOf(text);
    kept.set(name, { rows, bytes: text.length * BYTES_A_BYTE });
    return rows;
  };
  /** @param wanted table by name of rows. @throws {TableUnreadableError} */
  return async (wanted: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Rows>> => {
    const found = new Map<string, Rows>();
    for (const [name, table] of wanted) found.set(name, await one(table, name));
    let bytes = [...kept.values()].reduce((sum, { bytes: own }) => sum + own, 0);
    for (const [name, { bytes: own }] of kept) {
      if (bytes <= maxBytes) break;
      bytes -= own;
      kept.delete(name);
    }
    return found;
  };
};
