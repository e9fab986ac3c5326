import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { housekeeping } from '../../local/housekeeping.ts';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { enableShrinking, tidy } from '../../shared/adapters/sqlite/file-sizes.ts';
import { sqliteLog } from '../../shared/adapters/sqlite/log.ts';
import type { Consumer } from '../../shared/ports/log-reader.ts';
import { progressKey } from '../../shared/storage/keys.ts';
import { quiet } from '../support/world.ts';

const MB = 1_048_576;
const CONSUMERS: readonly Consumer[] = ['aggregate', 'archive'];
let folder: string;
let nowMs: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twinstream-keeping-'));
  nowMs = Date.parse('2026-11-21T10:00:00Z');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const bytesOf = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;

/** A log with a record of 50 KB a second, and how far its consumers have come. */
const given = async ({ records, taken }: { records: number; taken: Readonly<Record<'aggregate' | 'archive', number>> }) => {
  const clock = () => nowMs;
  const log = sqliteLog({ path: join(folder, 'log.db'), shards: 1, lanes: { count: 1, own: null }, clock });
  const store = sqliteCells({ path: join(folder, 'views.db'), clock });
  const [shard] = await log.shards();
  const id = shard?.id as string;
  for (let i = 0; i < records; i++, nowMs += 1_000) await log.append([{ lane: 0, data: Buffer.alloc(50_000, i) }]);
  const left = async () => (await log.read(id, '', { records: 10_000, bytes: 1e9 })).records.map(({ sequenceNumber }) => Number(sequenceNumber));
  for (const consumer of CONSUMERS)
    await store.put([
      {
        cell: { ...progressKey(consumer, id), version: String(taken[consumer as 'archive']), body: Buffer.from('{"epochMs":0,"arrivedAtMs":0,"metrics":{}}') },
        expected: null,
        expiresAtMs: null,
      },
    ]);
  const keep = (keepLogBytes: number) =>
    housekeeping({ dataDir: folder, log, store, entities: null, consumers: CONSUMERS, keepLogBytes, clock, telemetry: quiet });
  return { log, left, keep };
};

test('a write-ahead log is emptied once it grows little, and not before', async () => {
  const { log, left, keep } = await given({ records: 60, taken: { aggregate: 60, archive: 60 } });
  const { emptyWals } = keep(1_000 * MB);
  emptyWals();
  expect(bytesOf('log.db-wal')).toBeGreaterThan(3 * MB);
  for (let i = 0; i < 60; i++) await log.append([{ lane: 0, data: Buffer.alloc(50_000, i) }]);
  emptyWals();
  expect(bytesOf('log.db-wal')).toBeGreaterThan(6 * MB);
  await log.append([{ lane: 0, data: Buffer.alloc(10, 1) }]);
  emptyWals();
  expect([bytesOf('log.db-wal'), bytesOf('views.db-wal') <= 262_144]).toEqual([0, true]);
  expect(await left()).toHaveLength(121);
});

test('a log that is larger than it may be loses its oldest records, which all consumers have taken, and its file shrinks', async () => {
  const { left, keep } = await given({ records: 200, taken: { aggregate: 200, archive: 200 } });
  await keep(20 * MB).trim();
  expect(await left()).toHaveLength(200);
  const { trim, tidy: shrink } = keep(3 * MB);
  await trim();
  const kept = await left();
  expect(kept.at(-1)).toBe(200);
  expect(kept.length).toBeGreaterThan(40);
  expect(kept.length).toBeLessThan(64);
  await shrink();
  expect(bytesOf('log.db')).toBeLessThan(5 * MB);
  expect(bytesOf('log.db-wal')).toBe(0);
  expect(await left()).toEqual(kept);
});

test('a record that one consumer has not taken stays, however large the log is', async () => {
  const { left, keep } = await given({ records: 100, taken: { aggregate: 100, archive: 7 } });
  await keep(MB).trim();
  expect((await left())[0]).toBe(8);
});

test('a small log loses what is a day old', async () => {
  const { left, keep } = await given({ records: 3, taken: { aggregate: 3, archive: 3 } });
  nowMs += 86_400_000 - 1_500;
  await keep(20 * MB).trim();
  expect(await left()).toEqual([3]);
});

describe('a file that holds little of what it once held', () => {
  const path = () => join(folder, 'search.db');
  const fill = (database: Database.Database) => {
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, data BLOB); BEGIN');
    const insert = database.prepare('INSERT INTO rows (id, data) VALUES (?, ?)');
    for (let i = 0; i < 2_000; i++) insert.run(i, Buffer.alloc(4_000, i));
    database.exec('COMMIT; DELETE FROM rows WHERE id >= 20');
  };
  const rows = (database: Database.Database) => database.prepare('SELECT count(*) AS n FROM rows').all();

  test('made by an older version, it is rewritten once, with all that it holds, and shrinks by itself from then on', async () => {
    const database = new Database(path());
    fill(database);
    expect(await tidy(path())).toBeLessThanOrEqual(bytesOf('search.db-wal') + 9 * MB);
    expect(bytesOf('search.db')).toBeGreaterThan(7 * MB);
    expect(enableShrinking(path())).toBe(true);
    expect(bytesOf('search.db')).toBeLessThan(MB);
    expect(enableShrinking(path())).toBe(false);
    database.exec('DELETE FROM rows');
    fill(database);
    expect(bytesOf('search.db') + bytesOf('search.db-wal')).toBeGreaterThan(7 * MB);
    expect(await tidy(path())).toBeGreaterThan(6 * MB);
    expect(bytesOf('search.db')).toBeLessThan(2 * MB);
    expect(bytesOf('search.db-wal')).toBe(0);
    expect(rows(database)).toEqual([{ n: 20 }]);
    database.close();
  });

  test('while somebody writes, it is left for later, and nobody waits', async () => {
    const database = new Database(path());
    fill(database);
    database.exec('BEGIN IMMEDIATE; DELETE FROM rows WHERE id = 1');
    expect(enableShrinking(path())).toBe(false);
    expect(await tidy(path())).toBe(0);
    database.exec('COMMIT');
    expect(enableShrinking(path())).toBe(true);
    expect(rows(database)).toEqual([{ n: 19 }]);
    database.close();
  });

  test('one that is missing stays missing', async () => {
    expect([enableShrinking(path()), await tidy(path()), bytesOf('search.db')]).toEqual([false, 0, 0]);
  });
});
