import { randomBytes } from 'node:crypto';
import type Database from 'libsql';
import { transaction } from './sqlite.ts';

/**
 * What a store has taken, by shard of the stream that it comes from. Progress is kept in another file: a store that has
 * taken less than that progress says is an older copy, and one that does not know the shard is another folder's.
 */
export const POSITIONS = 'CREATE TABLE IF NOT EXISTS positions (shard TEXT PRIMARY KEY, up_to TEXT NOT NULL) WITHOUT ROWID;\n';
/** No shard is named so. */
const IDENTITY = '';

export interface Positions {
  /** Eight hexadecimal digits, drawn when it is first asked for. */
  identity(): string;
  /** Notes that everything of a shard up to a sequence number is stored. */
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

/** How a search index names the changes of an entity store. */
export const changesOf = (entities: string): string => `changes@${entities}`;

export interface Reached {
  readonly identity: string;
  readonly reached: ReadonlyMap<string, string>;
}
/** The positions in a file that is only read; null in one from before they were kept. */
export const readPositions = (database: Database.Database): Reached | null => {
  const [table] = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'positions'").all();
  if (table === undefined) return null;
  const rows = database.prepare('SELECT shard, up_to FROM positions').all() as { shard: string; up_to: string }[];
  const reached = new Map(rows.map(({ shard, up_to }) => [shard, up_to]));
  const identity = reached.get(IDENTITY) ?? '';
  reached.delete(IDENTITY);
  return { identity, reached };
};
