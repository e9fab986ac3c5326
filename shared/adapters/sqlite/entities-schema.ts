import type Database from 'libsql';
import type { Clock } from '../../ports/clock.ts';
import { type Attributes, itemOf } from '../aws/entity-attributes.ts';
import { transaction } from './sqlite.ts';

/** Ids begin with their entity, so the column `entity` is unused; but in older folders it must not be null. */
export const ENTITIES_SCHEMA = `
CREATE TABLE IF NOT EXISTS entities (id TEXT PRIMARY KEY, entity TEXT NOT NULL, version INTEGER NOT NULL, attributes TEXT NOT NULL);
DROP INDEX IF EXISTS entities_by_entity;
CREATE TABLE IF NOT EXISTS removals (sequence INTEGER PRIMARY KEY, changed_at_ms INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
`;

/**
 * Adds the current columns to a new file, or to an older one. In an older one `attributes` holds a whole item, in the form of
 * a stream image, until it is next written, and a table held the change stream with both images of each change. The new
 * stream starts with every entity marked as changed; what was already indexed, the index ignores.
 */
export const migrateEntities = (database: Database.Database, clock: Clock): void =>
  transaction(database, () => {
    const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all('entities') as { name: string }[];
    if (columns.some(({ name }) => name === 'changed')) return;
    for (const column of ['deleted INTEGER', 'state BLOB', 'changed INTEGER', 'changed_at_ms INTEGER'])
      database.exec(`ALTER TABLE entities ADD COLUMN ${column}`);
    database.exec('CREATE INDEX entities_by_change ON entities (changed) WHERE changed IS NOT NULL');
    const last = takeOldChanges(database);
    database.prepare('UPDATE entities SET changed = ? + rowid, changed_at_ms = ?').run(last, clock());
    database.exec(`INSERT INTO counters SELECT 'changes', max(${last}, coalesce((SELECT max(changed) FROM entities), 0))`);
  });

/** Keeps removals; returns the last number of the stream. */
const takeOldChanges = (database: Database.Database): number => {
  const [table] = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'changes'").all();
  if (table === undefined) return 0;
  const [counted] = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").all() as { seq: number }[];
  const removals = database.prepare('SELECT sequence, changed_at_ms, old_attributes FROM changes WHERE new_attributes IS NULL').all();
  const keep = database.prepare('INSERT INTO removals (sequence, changed_at_ms, id, version) VALUES (?, ?, ?, ?)');
  for (const { sequence, changed_at_ms, old_attributes } of removals as { sequence: number; changed_at_ms: number; old_attributes: string }[]) {
    const attributes = JSON.parse(old_attributes) as Attributes;
    keep.run(sequence, changed_at_ms, JSON.stringify(attributes._id?.S), itemOf(attributes).version);
  }
  database.exec('DROP TABLE changes');
  return counted?.seq ?? 0;
};
