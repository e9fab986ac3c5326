import type { Json } from '../../measures/measure.ts';
import type { ChangeReader, EntityImage } from '../../ports/change-reader.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EntityItem, EntityKey, EntityStore } from '../../ports/entity-store.ts';
import type { FolderOwnedError } from '../../ports/folder-owned.ts';
import { idOf, keyOf, shownOf } from '../../storage/entity-item.ts';
import { type Attributes, imageOf, itemOf } from '../aws/entity-attributes.ts';
import { ENTITIES_SCHEMA, migrateEntities } from './entities-schema.ts';
import { POSITIONS, type Positions, positions } from './positions.ts';
import { openSqlite, transaction } from './sqlite.ts';

const SCAN_PAGE = 500;
/** As JSON, because text that is read back ends at a NUL, which a key may contain. */
const rowId = (key: EntityKey): string => JSON.stringify(idOf(key));
/** The ids of an entity's items are from the first on, and before the second. */
const rangeOf = (entity: string): [string, string] => [JSON.stringify(`${entity}#`).slice(0, -1), JSON.stringify(`${entity}$`).slice(0, -1)];

interface Row {
  readonly id: string;
  readonly version: number;
  readonly attributes: string;
  readonly deleted: number;
  /** Null in a row of the older form. */
  readonly state: ArrayBuffer | null;
}
interface ChangeRow extends Omit<Row, 'state'> {
  readonly sequence: number;
  readonly changed_at_ms: number;
  readonly older: number;
  readonly removed: number;
}

export interface SqliteEntities extends EntityStore, ChangeReader, Positions {
  /** Drops notes of removals up to a sequence number that were made before a given time. The rest of the stream is in the entities themselves. */
  trim(upTo: string, beforeMs: number): void;
  /** The number of changes after a sequence number ('' for the start), and when the first of them was made, in epoch milliseconds. */
  waiting(after: string): Promise<{ readonly changes: number; readonly sinceMs: number | null }>;
  close(): void;
}

/**
 * Entities in one SQLite file, which are their own change stream: each row has the number of its last visible change, so
 * the stream is only as large as the entities, however often they change. A write and its number are one commit.
 * `owned`: another process owns the file.
 */
export const sqliteEntities = ({ path, clock, owned }: { path: string; clock: Clock; owned?: FolderOwnedError | undefined }): SqliteEntities => {
  const database = openSqlite(path, ENTITIES_SCHEMA + POSITIONS, owned);
  if (owned === undefined) migrateEntities(database, clock);
  const row = 'id, version, attributes, deleted, state';
  const some = database.prepare(`SELECT ${row} FROM entities WHERE id IN (SELECT value FROM json_each(?))`);
  const page = database.prepare(`SELECT ${row} FROM entities WHERE id > ? AND id < ? ORDER BY id LIMIT ?`);
  const insert = database.prepare(
    "INSERT OR IGNORE INTO entities (id, entity, version, attributes, deleted, state, changed, changed_at_ms) VALUES (?, '', ?, ?, ?, ?, ?, ?)",
  );
  const isSame = 'attributes = :attributes AND deleted = :deleted';
  const update = database.prepare(
    `UPDATE entities SET changed = CASE WHEN ${isSame} THEN changed ELSE :sequence END, changed_at_ms = CASE WHEN ${isSame} THEN changed_at_ms ELSE :now END,
     version = :version, attributes = :attributes, deleted = :deleted, state = :state WHERE id = :id AND version = :expected`,
  );
  const noteRemoval = database.prepare('INSERT INTO removals (sequence, changed_at_ms, id, version) SELECT ?, ?, id, version FROM entities WHERE id = ?');
  const drop = database.prepare('DELETE FROM entities WHERE id = ?');
  const last = database.prepare("SELECT value FROM counters WHERE name = 'changes'");
  const setLast = database.prepare("UPDATE counters SET value = ? WHERE name = 'changes'");
  const changes = database.prepare(
    `SELECT changed AS sequence, changed_at_ms, id, version, attributes, deleted, state IS NULL AS older, 0 AS removed FROM entities WHERE changed > ?
     UNION ALL SELECT sequence, changed_at_ms, id, version, '{}', 0, 0, 1 FROM removals WHERE sequence > ? ORDER BY 1 LIMIT ?`,
  );
  const waiting = database.prepare(
    `SELECT count(*) AS changes, min(at) AS sinceMs FROM
     (SELECT changed_at_ms AS at FROM entities WHERE changed > ? UNION ALL SELECT changed_at_ms FROM removals WHERE sequence > ?)`,
  );
  const trimmed = database.prepare('DELETE FROM removals WHERE sequence <= ? AND changed_at_ms < ?');
  /** Runs writes in one transaction. Each takes a number of the stream, whether it changes what is shown or not. */
  const write = <T>(work: (next: () => number) => T): T =>
    transaction(database, () => {
      let sequence = (last.get() as { value: number }).value;
      const result = work(() => ++sequence);
      setLast.run(sequence);
      return result;
    });
  const get = async (keys: readonly EntityKey[]): Promise<readonly (EntityItem | null)[]> => {
    const rows = some.all(JSON.stringify(keys.map(rowId))) as Row[];
    const byId = new Map(rows.map((one) => [one.id, stored(one)]));
    return keys.map((key) => byId.get(rowId(key)) ?? null);
  };
  return {
    get,
    recent: get,
    put: async (writes) =>
      write((next) =>
        writes.map(({ item, expected }) => {
          const { version } = item;
          const [id, attributes, deleted, state] = [rowId(item), shownOf(item), item.deleted ? 1 : 0, Buffer.from(item.state)];
          const result =
            expected === null
              ? insert.run(id, version, attributes, deleted, state, next(), clock())
              : update.run({ id, version, attributes, deleted, state, sequence: next(), now: clock(), expected });
          return result.changes === 1;
        }),
      ),
    remove: async (keys) =>
      write((next) => {
        for (const id of keys.map(rowId)) if (noteRemoval.run(next(), clock(), id).changes === 1) drop.run(id);
      }),
    scan: async (entity, after) => {
      const [from, to] = rangeOf(entity);
      const rows = page.all(after ?? from, to, SCAN_PAGE) as Row[];
      return { items: rows.map(stored), next: rows.length < SCAN_PAGE ? null : (rows.at(-1)?.id ?? null) };
    },
    read: async (_, after, limits) => {
      const from = after === '' ? 0 : Number(after);
      const records = [];
      let bytes = 0;
      for (const { sequence, changed_at_ms, older, removed, ...one } of changes.all(from, from, limits.records) as ChangeRow[]) {
        const size = one.id.length + one.attributes.length;
        bytes += size;
        if (records.length > 0 && bytes > limits.bytes) break;
        const image = older === 1 ? imageOf(attributesIn(one)) : imageOfRow(one);
        const [before, current] = removed === 1 ? [image, null] : [null, image];
        records.push({ sequenceNumber: String(sequence), arrivedAtMs: changed_at_ms, bytes: size, before, after: current });
      }
      return { records, closed: false };
    },
    waiting: async (after) => {
      const from = after === '' ? 0 : Number(after);
      return waiting.get(from, from) as { changes: number; sinceMs: number | null };
    },
    ...positions(database),
    trim: (upTo, beforeMs) => transaction(database, () => void trimmed.run(Number(upTo), beforeMs)),
    close: () => database.close(),
  };
};

const stored = (row: Row): EntityItem => (row.state === null ? itemOf(attributesIn(row)) : { ...imageOfRow(row), state: Buffer.from(row.state) });
/** A row of the older form holds a whole item, as DynamoDB has it. */
const attributesIn = ({ attributes }: Pick<Row, 'attributes'>) => JSON.parse(attributes) as Attributes;

const imageOfRow = ({ id, version, attributes, deleted }: Omit<Row, 'state'>): EntityImage => ({
  ...keyOf(JSON.parse(id) as string),
  version,
  deleted: deleted === 1,
  fields: JSON.parse(attributes) as Readonly<Record<string, Json>>,
});
