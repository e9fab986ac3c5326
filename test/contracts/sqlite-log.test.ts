import { join } from 'node:path';
import Database from 'libsql';
import { sqliteLog } from '../../shared/adapters/sqlite/log.ts';
import { fastestCoding } from '../../shared/log/compression.ts';
import { DamagedError } from '../../shared/ports/damaged.ts';
import { LogUnavailableError } from '../../shared/ports/event-log.ts';
import { FolderOwnedError } from '../../shared/ports/folder-owned.ts';
import { storedFile } from '../support/golden.ts';
import { describeEventLog, describeResharding, type ReshardableLog } from './event-log.ts';

import { EVERYTHING, opened, openLog, path, record, temporary } from './sqlite-logs.ts';

const make = async ({ shards, lanes }: { shards: number; lanes: number }): Promise<ReshardableLog> => {
  const log = openLog(shards, lanes);
  return {
    log,
    reader: log,
    reshard: async () => {
      log.reshard(shards - 1, { beginsEpoch: false });
      return { log, reader: log };
    },
  };
};
describeEventLog(make);
describe('after a change of its shards', () => describeResharding(make));

describe('a log with records that were compressed with zstd', () => {
  const asBefore = (data: Uint8Array) => {
    const database = new Database(path());
    database.prepare("INSERT OR REPLACE INTO settings VALUES ('coding', 'zstd')").run();
    database.prepare('UPDATE records SET data = ?, crc = NULL').run([data]);
    database.close();
  };
  const open = () => openLog(1, 4);

  test('is opened only by a Node.js with zstd, and by any other once those records are gone', async () => {
    await open().append([record]);
    asBefore(storedFile('record.zst'));
    if (fastestCoding() === 'zstd') expect(open().coding).toBe('zstd');
    else expect(open).toThrow('Expected Node.js 22.15 or newer, since records are compressed with zstd');
    asBefore(storedFile('record.gz'));
    expect(open().coding).toBe(fastestCoding());
    expect(open().coding).toBe(fastestCoding());
  });
});

describe('shards', () => {
  test('opening a log with another number of shards changes nothing; a reshard by that number nothing either', async () => {
    const log = openLog(2, 4);
    const before = await log.shards();
    expect(await openLog(3, 4).shards()).toEqual(before);
    log.reshard(2, { beginsEpoch: false });
    expect(await log.shards()).toEqual(before);
  });

  test('begin an epoch that no record has reached, as often as they are told to', async () => {
    let nowMs = 90_500;
    const log = openLog(1, 4, () => nowMs);
    await log.append([record]);
    const [first] = await log.shards();
    log.reshard(1, { beginsEpoch: true });
    nowMs = 0;
    expect((await log.shards()).at(-1)).toMatchObject({ parents: [first?.id], open: true, floorMs: 91_000 });
    await log.append([record]);
    log.reshard(2, { beginsEpoch: true });
    expect((await log.shards()).filter(({ open }) => open).map(({ floorMs }) => floorMs)).toEqual([92_000, 92_000]);
  });

  test('that took no record before they closed leave their parents to their children', async () => {
    const log = openLog(2, 4);
    const [first] = await log.shards();
    await log.append([record]);
    log.reshard(3, { beginsEpoch: false });
    log.reshard(1, { beginsEpoch: false });
    const shards = await log.shards();
    expect(shards.map(({ open }) => open)).toEqual([false, true]);
    expect(shards[0]?.id).toBe(first?.id);
    expect(shards[1]?.id).toMatch(/^shard-[1-9a-f][0-9a-f]{7}-000000000006$/);
    expect(shards[1]?.parents).toContain(first?.id);
  });

  test('name their log: no two logs share a name, and a renewed one shares none with what it was', async () => {
    const log = openLog(2, 4);
    await log.append([record]);
    const before = await log.shards();
    log.renew({ floorMs: 120_000 });
    const after = await log.shards();
    expect(after.map(({ open, floorMs }) => [open, floorMs])).toEqual([
      [false, 0],
      [true, 120_000],
      [true, 120_000],
    ]);
    const identities = (shards: typeof after) => new Set(shards.filter(({ open }) => open).map(({ id }) => id.split('-')[1]));
    expect([...identities(before)]).toHaveLength(1);
    expect([...identities(after)]).not.toEqual([...identities(before)]);
    expect(after[1]?.parents).toEqual([before[0]?.id]);
    expect((await log.status()).floorMs).toBe(120_000);
    // Children go on from their parents' floor.
    log.reshard(1, { beginsEpoch: false });
    expect((await log.shards()).at(-1)).toMatchObject({ open: true, floorMs: 120_000 });
  });

  test('of a renewed log begin no earlier than it was renewed, and go on, whatever the clock does before the first record', async () => {
    let nowMs = 1_000_000;
    const log = openLog(1, 4, () => nowMs);
    log.renew({ floorMs: 1_020_000 });
    nowMs = 0;
    await log.append([record]);
    nowMs = 60_000;
    await log.append([record]);
    const [shard] = await log.shards();
    const { records } = await log.read(shard?.id ?? '', '', EVERYTHING);
    expect(records.map(({ arrivedAtMs }) => arrivedAtMs)).toEqual([1_000_000, 1_030_000]);
  });

  test('say where they end, also once their records are gone', async () => {
    const log = openLog(2, 2);
    const lastOf = () => log.ends().map(({ last }) => last);
    expect(lastOf()).toEqual(['0', '0']);
    await log.append([record, record, { lane: 1, data: Buffer.from('y') }]);
    expect(lastOf()).toEqual(['2', '3']);
    for (const { id } of await log.shards()) log.trim(id, '3', Number.MAX_SAFE_INTEGER);
    expect(lastOf()).toEqual(['2', '3']);
    await log.append([record]);
    expect(lastOf()).toEqual(['4', '3']);
  });
});

describe('a file that cannot be used', () => {
  test('takes no records: the log is unavailable', async () => {
    const log = openLog(1, 1);
    opened.pop()?.close();
    await expect(log.append([record])).rejects.toThrow(LogUnavailableError);
  });

  test('is locked by another program for a while: appends wait, their thread goes on, and reads too', async () => {
    const log = openLog(1, 1);
    const other = new Database(path());
    other.exec('BEGIN IMMEDIATE');
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 1);
    let isDone = false;
    const appending = log.append([record]).then(() => (isDone = true));
    while (ticks < 50) await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    const [shard] = await log.shards();
    expect((await log.read(shard?.id ?? '', '', EVERYTHING)).records).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    await appending;
    clearInterval(ticking);
    expect((await log.read(shard?.id ?? '', '', EVERYTHING)).records).toHaveLength(1);
  });

  test('is locked for too long: the log is unavailable, and takes records once the lock is gone', async () => {
    const log = openLog(1, 1);
    const other = new Database(path());
    other.exec('BEGIN IMMEDIATE');
    await expect(log.append([record])).rejects.toThrow(LogUnavailableError);
    other.exec('ROLLBACK');
    other.close();
    await log.append([record]);
  });

  test('holds a changed record: those before it are read, and the error names it', async () => {
    const log = openLog(1, 1);
    for (const text of ['a', 'b', 'c']) await log.append([{ lane: 0, data: Buffer.from(text) }]);
    const [shard] = await log.shards();
    const id = shard?.id ?? '';
    for (const change of ["data = 'B'", 'arrived_at_ms = arrived_at_ms + 1', "partition_key = '1'"]) {
      const other = new Database(path());
      const before = other.prepare('SELECT data, arrived_at_ms, partition_key FROM records WHERE sequence = 2').raw().all()[0] as unknown[];
      other.exec(`UPDATE records SET ${change} WHERE sequence = 2`);
      expect((await log.read(id, '', EVERYTHING)).records).toHaveLength(1);
      const reading = log.read(id, '1', EVERYTHING);
      await expect(reading).rejects.toThrow(DamagedError);
      await expect(reading).rejects.toThrow(`log.db: Record 2 of ${id}`);
      other
        .prepare('UPDATE records SET data = ?, arrived_at_ms = ?, partition_key = ? WHERE sequence = 2')
        .run(...before.map((value) => (value instanceof ArrayBuffer ? Buffer.from(value) : value)));
      other.close();
    }
    expect((await log.read(id, '', EVERYTHING)).records).toHaveLength(3);
  });

  test('belongs to another process: it is read, and whatever would write is refused', async () => {
    const log = openLog(2, 4);
    await log.append([record]);
    const owned = new FolderOwnedError('Process 1 owns it.', null);
    const reader = sqliteLog({ path: path(), shards: 3, lanes: { count: 4, own: null }, clock: Date.now, owned });
    opened.push(reader);
    const shards = await reader.shards();
    expect(shards).toEqual(await log.shards());
    expect((await reader.read(shards[0]?.id ?? '', '', EVERYTHING)).records).toHaveLength(1);
    await expect(reader.append([record])).rejects.toThrow(owned);
    await expect(reader.appendToShards([shards[0]?.id ?? ''], record.data)).rejects.toThrow(owned);
    for (const write of [
      () => reader.reshard(3, { beginsEpoch: false }),
      () => reader.renew({ floorMs: 0 }),
      () => reader.trim(shards[0]?.id ?? '', '1', 1e15),
    ])
      expect(write).toThrow(owned);
    expect(await log.shards()).toEqual(shards);
    expect(() => sqliteLog({ path: join(temporary, 'none.db'), shards: 1, lanes: { count: 4, own: null }, clock: Date.now, owned })).toThrow(
      'Expected none.db in the data folder, found none',
    );
  });
});
