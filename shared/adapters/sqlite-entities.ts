import { type Attributes, attributesOf, idOf, itemOf } from '../domain/entity-item.ts';
import type { ChangeReader } from '../ports/change-reader.ts';
import type { Clock } from '../ports/clock.ts';
import type { EntityKey, EntityStore } from '../ports/entity-store.ts';
import { openSqlite, transaction } from './sqlite.ts';

/** Ids begin with their entity, so nobody asks for the column; folders that were made before demand it. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS entities (id TEXT PRIMARY KEY, entity TEXT NOT NULL, version INTEGER NOT NULL, attributes TEXT NOT NULL);
DROP INDEX IF EXISTS entities_by_entity;
CREATE TABLE IF NOT EXISTS changes (sequence INTEGER PRIMARY KEY AUTOINCREMENT, changed_at_ms INTEGER NOT NULL, old_attributes TEXT, new_attributes TEXT);
`;
const SCAN_PAGE = 500;
/** As JSON: text that is read back ends at a NUL, which a key may hold. */
const rowId = (key: EntityKey): string => JSON.stringify(idOf(key));
/** The ids of an entity's items are from the first on, and before the second. */
const rangeOf = (entity: string): [string, string] => [JSON.stringify(`${entity}#`).slice(0, -1), JSON.stringify(`${entity}$`).slice(0, -1)];

interface Row {
  id: string;
  version: number;
  attributes: string;
}
interface ChangeRow {
  sequence: number;
  changed_at_ms: number;
  old_attributes: string | null;
  new_attributes: string | null;
}

export interface SqliteEntities extends EntityStore, ChangeReader {
  /** Drops changes up to a sequence number that were made before a time. */
  trim(upTo: string, beforeMs: number): void;
  close(): void;
}

/** Entities and their change stream in one SQLite file: a write and its change are one commit. */
export const sqliteEntities = ({ path, clock }: { path: string; clock: Clock }): SqliteEntities => {
  const database = openSqlite(path, SCHEMA);
  const some = database.prepare('SELECT id, version, attributes FROM entities WHERE id IN (SELECT value FROM json_each(?))');
  const page = database.prepare('SELECT id, version, attributes FROM entities WHERE id > ? AND id < ? ORDER BY id LIMIT ?');
  const insert = database.prepare('INSERT OR IGNORE INTO entities (id, entity, version, attributes) VALUES (?, ?, ?, ?)');
  const update = database.prepare('UPDATE entities SET version = ?, attributes = ? WHERE id = ?');
  const drop = database.prepare('DELETE FROM entities WHERE id = ?');
  const noteNew = database.prepare('INSERT INTO changes (changed_at_ms, new_attributes) VALUES (?, ?)');
  // The old image never leaves the database. States are left out: nobody reads them there, and they are most of an item.
  const shown = "json_remove(attributes, '$._state')";
  const noteUpdate = database.prepare(
    `INSERT INTO changes (changed_at_ms, old_attributes, new_attributes) SELECT ?, ${shown}, ? FROM entities WHERE id = ? AND version = ?`,
  );
  const noteDrop = database.prepare(`INSERT INTO changes (changed_at_ms, old_attributes) SELECT ?, ${shown} FROM entities WHERE id = ?`);
  const changes = database.prepare('SELECT sequence, changed_at_ms, old_attributes, new_attributes FROM changes WHERE sequence > ? ORDER BY sequence LIMIT ?');
  const trimmed = database.prepare('DELETE FROM changes WHERE sequence <= ? AND changed_at_ms < ?');
  const stored = ({ attributes }: Row) => itemOf(JSON.parse(attributes) as Attributes);
  return {
    get: async (keys) => {
      const rows = some.all(JSON.stringify(keys.map(rowId))) as Row[];
      const byId = new Map(rows.map((row) => [row.id, stored(row)]));
      return keys.map((key) => byId.get(rowId(key)) ?? null);
    },
    put: async (writes) =>
      transaction(database, () =>
        writes.map(({ item, expected }) => {
          const id = rowId(item);
          const { _state, ...rest } = attributesOf(item);
          const image = JSON.stringify(rest);
          const attributes = `${image.slice(0, -1)},"_state":${JSON.stringify(_state)}}`;
          if (expected === null) {
            if (insert.run(id, item.entity, item.version, attributes).changes !== 1) return false;
            noteNew.run(clock(), image);
          } else {
            if (noteUpdate.run(clock(), image, id, expected).changes !== 1) return false;
            update.run(item.version, attributes, id);
          }
          return true;
        }),
      ),
    remove: async (keys) =>
      transaction(database, () => {
        for (const key of keys) {
          const id = rowId(key);
          if (noteDrop.run(clock(), id).changes === 1) drop.run(id);
        }
      }),
    scan: async (entity, after) => {
      const [from, to] = rangeOf(entity);
      const rows = page.all(after ?? from, to, SCAN_PAGE) as Row[];
      return { items: rows.map(stored), next: rows.length < SCAN_PAGE ? null : (rows.at(-1)?.id ?? null) };
    },
    read: async (_, after, limits) => {
      const rows = changes.all(after === '' ? 0 : Number(after), limits.records) as ChangeRow[];
      const records = [];
      let bytes = 0;
      for (const { sequence, changed_at_ms, old_attributes, new_attributes } of rows) {
        const size = (old_attributes?.length ?? 0) + (new_attributes?.length ?? 0);
        bytes += size;
        if (records.length > 0 && bytes > limits.bytes) break;
        const image = (text: string | null): Attributes | null => (text === null ? null : (JSON.parse(text) as Attributes));
        records.push({
          sequenceNumber: String(sequence),
          arrivedAtMs: changed_at_ms,
          bytes: size,
          before: image(old_attributes),
          after: image(new_attributes),
        });
      }
      return { records, closed: false };
    },
    trim: (upTo, beforeMs) => void trimmed.run(Number(upTo), beforeMs),
    close: () => database.close(),
  };
};
