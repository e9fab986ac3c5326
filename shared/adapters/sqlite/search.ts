import type Database from 'libsql';
import type { FolderOwnedError } from '../../ports/folder-owned.ts';
import type { SearchDocument, SearchIndex } from '../../ports/search-index.ts';
import type { SearchField, SearchSchema } from '../../ports/search-question.ts';
import { POSITIONS, type Positions, positions } from './positions.ts';
import { findIn } from './search-query.ts';
import { createTables, documentsOf, dropTables, writerOf } from './search-tables.ts';
import { openSqlite, snapshot, transaction } from './sqlite.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS indexes (id INTEGER PRIMARY KEY AUTOINCREMENT, entity TEXT NOT NULL, identity TEXT NOT NULL, fields TEXT NOT NULL, state TEXT NOT NULL, whole INTEGER NOT NULL, UNIQUE (entity, state));
`;
/** `answering`: searches read it. `fresh`: it is being built beside that. `whole`: built from the store, not only from changes. */
interface IndexRow {
  readonly id: number;
  readonly identity: string;
  readonly fields: string;
  readonly state: 'answering' | 'fresh';
  readonly whole: number;
}

/**
 * Search in one SQLite file, which several threads and processes may use: for each index a table of documents and one of
 * words (FTS5). A fresh index is registered by a row, so every write after that commit also goes to it.
 * `owned`: another process owns the file.
 */
export const sqliteSearch = ({ path, owned }: { path: string; owned?: FolderOwnedError | undefined }): SearchIndex & Positions & { close(): void } => {
  const database = openSqlite(path, SCHEMA + POSITIONS, owned);
  if (owned === undefined) dropOtherLayouts(database);
  const all = database.prepare('SELECT id, identity, fields, state, whole FROM indexes WHERE entity = ?');
  const indexesOf = (entity: string) => all.all(entity) as IndexRow[];
  const drop = ({ id }: IndexRow): void => {
    dropTables(database, id);
    database.prepare('DELETE FROM indexes WHERE id = ?').run(id);
  };
  const create = ({ name, identity, fields }: SearchSchema, state: IndexRow['state'], whole: boolean): IndexRow => {
    database
      .prepare('INSERT INTO indexes (entity, identity, fields, state, whole) VALUES (?, ?, ?, ?, ?)')
      .run(name, identity, JSON.stringify(fields), state, whole ? 1 : 0);
    const row = indexesOf(name).find((one) => one.state === state) as IndexRow;
    createTables(database, row.id, fields);
    return row;
  };
  const answering = (schema: SearchSchema) => indexesOf(schema.name).find(({ state }) => state === 'answering');
  return {
    write: async (schema, documents) => {
      transaction(database, () => {
        if (answering(schema) === undefined) create(schema, 'answering', false);
        for (const row of indexesOf(schema.name)) if (row.identity === schema.identity) writeAll(database, row, documents);
      });
      return documents.map(() => ({ state: 'done' }));
    },
    search: async (schema, question) =>
      snapshot(database, () => {
        const row = answering(schema);
        return row === undefined ? { total: 0, hits: [], next: null } : findIn(database, documentsOf(row.id, fieldsOf(row)), question);
      }),
    isCurrent: async (schema) => {
      const row = answering(schema);
      return row !== undefined && row.whole === 1 && row.identity === schema.identity && row.fields === JSON.stringify(schema.fields);
    },
    begin: async (schema) =>
      transaction(database, () => {
        for (const row of indexesOf(schema.name)) if (row.state === 'fresh') drop(row);
        return String(create(schema, 'fresh', true).id);
      }),
    finish: async ({ name }, fresh) =>
      transaction(database, () => {
        const rows = indexesOf(name);
        if (!rows.some(({ id, state }) => state === 'fresh' && String(id) === fresh)) return false;
        for (const row of rows) if (row.state === 'answering') drop(row);
        database.prepare("UPDATE indexes SET state = 'answering' WHERE id = ?").run(Number(fresh));
        return true;
      }),
    ...positions(database),
    close: () => database.close(),
  };
};

/** Raised with each change of what createTables creates. */
const LAYOUT = 2;
/** An index of another layout is useless, and is rebuilt. */
const dropOtherLayouts = (database: Database.Database): void =>
  transaction(database, () => {
    const [{ user_version: layout }] = database.prepare('PRAGMA user_version').all() as [{ user_version: number }];
    if (layout === LAYOUT) return;
    for (const { id } of database.prepare('SELECT id FROM indexes').all() as { id: number }[]) dropTables(database, id);
    database.exec(`DELETE FROM indexes; PRAGMA user_version = ${LAYOUT}`);
  });

const fieldsOf = ({ fields }: IndexRow) => JSON.parse(fields) as SearchField[];
const writeAll = (database: Database.Database, row: IndexRow, documents: readonly SearchDocument[]): void => {
  const write = writerOf(database, documentsOf(row.id, fieldsOf(row)));
  for (const document of documents) write(document);
};
