import type Database from 'libsql';
import type { Presented, SearchDocument } from '../../ports/search-index.ts';
import type { SearchField } from '../../ports/search-question.ts';
import { CLOSE, OPEN } from '../../search/highlight.ts';
import { searchValue } from '../../search/schema.ts';
import { composed, isAlone, PLAIN } from '../../search/words.ts';

/** The two tables of an index: documents with a column for each field that can be queried, and their words. */
export interface Tables {
  readonly documents: string;
  readonly words: string;
  /** A field's column among the documents. */
  readonly columns: readonly { readonly field: SearchField; readonly column: string }[];
  readonly searched: readonly string[];
}

export const documentsOf = (id: number, fields: readonly SearchField[]): Tables => ({
  documents: `documents_${id}`,
  words: `words_${id}`,
  columns: fields.filter(({ kind }) => kind !== 'stored').map((field, i) => ({ field, column: `f${i}` })),
  searched: fields.filter(({ searched }) => searched).map(({ name }) => name),
});

const TYPES = { text: 'TEXT', number: 'REAL', date: 'REAL', boolean: 'INTEGER', stored: '' } as const;

export const createTables = (database: Database.Database, id: number, fields: readonly SearchField[]): void => {
  const { documents, words, columns, searched } = documentsOf(id, fields);
  const typed = columns.map(({ field, column }) => `, ${column} ${TYPES[field.kind]}`).join('');
  database.exec(
    `CREATE TABLE ${documents} (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, entity TEXT, stands INTEGER NOT NULL${typed})`,
  );
  // Without columns that change often: an index entry is rewritten when any of its columns changes.
  for (const { field, column } of columns)
    if (field.kind !== 'boolean') database.exec(`CREATE INDEX ${documents}_${column} ON ${documents} (${column}, key) WHERE stands = 1`);
  if (searched.length === 0) return;
  database.exec(
    `CREATE VIRTUAL TABLE ${words} USING fts5(${searched.map((_, i) => `w${i}`).join(', ')}, prefix = '2 3', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'")`,
  );
};

export const dropTables = (database: Database.Database, id: number): void => {
  database.exec(`DROP TABLE IF EXISTS documents_${id}; DROP TABLE IF EXISTS words_${id};`);
};

/** Put around characters that are words of their own. */
const APART = '\u001f';

/** The text from which words are indexed: as long as the original, apart from the separators. */
export const shadowOf = (text: string): string => {
  let shadow = '';
  for (const character of composed(text)) {
    if (isAlone(character)) shadow += APART + character + APART;
    else if (character < ' ')
      shadow += ' '; // reserved characters, or NUL, which ends a text
    else shadow += PLAIN.get(character) ?? character;
  }
  return shadow;
};

/** Translates the positions of a shadow's marks to its text. */
export const marksOf = (shadow: string): [from: number, to: number][] => {
  const parts: [number, number][] = [];
  let [at, from] = [0, 0];
  for (let i = 0; i < shadow.length; i++) {
    const unit = shadow[i];
    if (unit === OPEN) from = at;
    else if (unit === CLOSE) parts.push([from, at]);
    else if (unit !== APART) at++;
  }
  return parts;
};

/** Upserts a document, unless the same or a newer version is stored. One without fields is kept for its version. */
export const writerOf = (database: Database.Database, { documents, words, columns, searched }: Tables): ((document: SearchDocument) => void) => {
  const before = database.prepare(`SELECT id, version, entity FROM ${documents} WHERE key = ?`);
  const names = ['stands', ...columns.map(({ column }) => column)];
  const insert = database.prepare(
    `INSERT INTO ${documents} (${['key', 'version', 'entity', ...names].join(', ')}) VALUES (${['key', 'version', 'entity', ...names].map(() => '?').join(', ')})`,
  );
  const updates = new Map<string, Database.Statement>();
  const updateOf = (changed: readonly string[]): Database.Statement => {
    const set = ['version', 'entity', ...changed].map((name) => `${name} = ?`).join(', ');
    let update = updates.get(set);
    if (update === undefined) updates.set(set, (update = database.prepare(`UPDATE ${documents} SET ${set} WHERE id = ?`)));
    return update;
  };
  const hasWords = searched.length > 0;
  const forget = hasWords ? database.prepare(`DELETE FROM ${words} WHERE rowid = ?`) : null;
  const learn = hasWords
    ? database.prepare(`INSERT INTO ${words} (rowid, ${searched.map((_, i) => `w${i}`).join(', ')}) VALUES (?${', ?'.repeat(searched.length)})`)
    : null;
  const valuesOf = (fields: Presented | null) => [
    fields === null ? 0 : 1,
    ...columns.map(({ field }) => {
      const value = fields === null ? null : searchValue(field.kind, fields[field.name]);
      return typeof value === 'boolean' ? Number(value) : value;
    }),
  ];
  const textsOf = (fields: Presented | null) => (fields === null ? null : searched.map((name) => String(searchValue('text', fields[name]) ?? '')));
  return ({ key, version, fields }) => {
    const [row] = before.all(key) as { id: number; version: number; entity: string | null }[];
    if (row !== undefined && row.version >= version) return;
    const entity = fields === null ? null : JSON.stringify(fields);
    const values = valuesOf(fields);
    const old = row === undefined || row.entity === null ? null : (JSON.parse(row.entity) as Presented);
    let id: number;
    if (row === undefined) id = Number(insert.run(key, version, entity, ...values).lastInsertRowid);
    else {
      id = row.id;
      const previous = valuesOf(old);
      const changed = names.flatMap((name, i) => (values[i] === previous[i] ? [] : [{ name, value: values[i] }]));
      updateOf(changed.map(({ name }) => name)).run(version, entity, ...changed.map(({ value }) => value), id);
    }
    const had = textsOf(old);
    const has = textsOf(fields);
    // Most changes of an entity leave its words as they are.
    if (JSON.stringify(had) === JSON.stringify(has)) return;
    if (had !== null) forget?.run(id);
    if (has !== null) learn?.run(id, ...has.map(shadowOf));
  };
};
