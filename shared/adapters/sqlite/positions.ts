import { randomBytes } from 'node:crypto';
import type Database from 'libsql';
import { transaction } from './sqlite.ts';

/**
 * How much of its source a store has processed, by shard of that stream. Progress is kept in another file: a store that has
 * processed less than that says is an older copy, and one that does not know the shard is from another folder.
 */
export const POSITIONS = 'CREATE TABLE IF NOT EXISTS positions (shard TEXT PRIMARY KEY, up_to TEXT NOT NULL) WITHOUT ROWID;\n';
/** No shard has this name. */
const IDENTITY = '';

export interface Positions {
  /** Eight random hexadecimal digits, created on first use. */
  identity(): string;
  /** Records that everything of a shard up to a sequence number is stored. */
  reached(shard: string, upTo: string): void;
}

export const positions = (database: Database.Database): Positions => ({
  identity: () =>
    transaction(database, () => {
      database.prepare('INSERT OR IGNORE INTO positions VALUES (?, ?)').run(IDENTITY, randomBytes(4).toString('hex'));
      return (database.prepare('SELECT up_to FROM positions WHERE shard = ?').all(IDENTITY) as [{ up_to: string }])[0].up_to;
    }),
  reached: (shard, upTo) => transaction(database, () => void database.prepare('INSERT OR REPLACE INTO positions VALUES (?, ?)').run(shard, upTo)),
});

/** The name of an entity store's change stream in the search index. */
export const changesOf = (entities: string): string => `changes@${entities}`;

export interface Reached {
  readonly identity: string;
  readonly reached: ReadonlyMap<string, string>;
}
/** The positions in a file that is opened read-only; null if it is from before they were kept. */
export const readPositions = (database: Database.Database): Reached | null => {
  const [table] = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'positions'").all();
  if (table === undefined) return null;
  const rows = database.prepare('SELECT shard, up_to FROM positions').all() as { shard: string; up_to: string }[];
  const reached = new Map(rows.map(({ shard, up_to }) => [shard, up_to]));
  const identity = reached.get(IDENTITY) ?? '';
  reached.delete(IDENTITY);
  return { identity, reached };
};
