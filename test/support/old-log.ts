import Database from 'libsql';

/** A log's file as version 0.1 made it, without identity, checksums and floors: what reads logs must go on with it. */
export const oldLog = (
  path: string,
  { shards, lanes, records }: { shards: number; lanes: number; records: readonly { shard: number; atMs: number }[] },
): void => {
  const database = new Database(path);
  database.exec(`
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE shards (id INTEGER PRIMARY KEY, parents TEXT NOT NULL, low REAL NOT NULL, high REAL NOT NULL, open INTEGER NOT NULL);
CREATE TABLE records (sequence INTEGER PRIMARY KEY AUTOINCREMENT, shard INTEGER NOT NULL, partition_key TEXT NOT NULL, arrived_at_ms INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX records_by_shard ON records (shard);
`);
  database.prepare("INSERT INTO settings VALUES ('lanes', ?)").run(String(lanes));
  const shard = database.prepare("INSERT INTO shards (parents, low, high, open) VALUES ('', ?, ?, 1)");
  for (let i = 0; i < shards; i++) shard.run(i / shards, (i + 1) / shards);
  const record = database.prepare("INSERT INTO records (shard, partition_key, arrived_at_ms, data) VALUES (?, '0', ?, ?)");
  for (const [i, { shard: of, atMs }] of records.entries()) record.run(of, atMs, Buffer.from(`old ${i}`));
  database.close();
};
