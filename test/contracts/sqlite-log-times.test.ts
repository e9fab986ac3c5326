import type { SqliteLog } from '../../shared/adapters/sqlite/log.ts';
import { oldLog } from '../support/old-log.ts';

import { EVERYTHING, openLog, path, record } from './sqlite-logs.ts';

describe('a log from before', () => {
  test('keeps its names and records, and gets an identity with its next shards, which sort after', async () => {
    oldLog(path(), { shards: 1, lanes: 4, records: [{ shard: 1, atMs: 5_000 }] });
    const log = openLog(1, 4, () => 7_000);
    expect(await log.shards()).toEqual([{ id: 'shard-000000000001', parents: [], open: true, floorMs: 0 }]);
    await log.append([record]);
    const { records } = await log.read('shard-000000000001', '', EVERYTHING);
    expect(records.map(({ arrivedAtMs, data }) => [arrivedAtMs, Buffer.from(data).toString()])).toEqual([
      [5_000, 'old 0'],
      [7_000, 'x'],
    ]);
    log.reshard(1, { beginsEpoch: false });
    const ids = (await log.shards()).map(({ id }) => id);
    expect(ids).toEqual(['shard-000000000001', expect.stringMatching(/^shard-[1-9a-f][0-9a-f]{7}-000000000002$/)]);
    expect([...ids].sort()).toEqual(ids);
  });

  test('whose times stepped back continues from the largest', async () => {
    oldLog(path(), {
      shards: 1,
      lanes: 4,
      records: [
        { shard: 1, atMs: 90_000 },
        { shard: 1, atMs: 5_000 },
      ],
    });
    expect(await openLog(1, 4, () => 6_000).status()).toEqual({ aheadMs: 84_000, floorMs: 0 });
  });
});

describe('arrival times', () => {
  const times = async (log: SqliteLog) => {
    const [shard] = await log.shards();
    return (await log.read(shard?.id ?? '', '', EVERYTHING)).records.map(({ arrivedAtMs }) => arrivedAtMs);
  };

  test('never step back, and go on at half the clock’s rate until it has caught up, across connections and appends of any frequency', async () => {
    let nowMs = 1_000_000;
    const clock = () => nowMs;
    const logs = [openLog(1, 1, clock), openLog(1, 1, clock)];
    const append = (i: number) => (logs[i % 2] as SqliteLog).append([record]);
    await append(0);
    nowMs = 0;
    // Every millisecond: no half of one is lost.
    for (let i = 0; i < 100; i++, nowMs++) await append(i);
    expect(await logs[0]?.status()).toEqual({ aheadMs: 1_000_049 - 100, floorMs: 0 });
    nowMs += 600_000;
    await append(0);
    expect((await logs[1]?.status())?.aheadMs).toBe(1_000_000 + 50 + 300_000 - 600_100);
    nowMs += 900_000;
    await append(1);
    expect(await logs[1]?.status()).toEqual({ aheadMs: 0, floorMs: 0 });
    const all = await times(logs[0] as SqliteLog);
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(all.at(-1)).toBe(nowMs);
  });

  test('are kept when their records are gone', async () => {
    let nowMs = 1_000_000;
    const log = openLog(1, 1, () => nowMs);
    await log.append([record]);
    const [shard] = await log.shards();
    log.trim(shard?.id ?? '', '1', 2_000_000);
    nowMs = 0;
    expect(await log.status()).toEqual({ aheadMs: 1_000_000, floorMs: 0 });
    await log.append([record]);
    expect(await times(log)).toEqual([1_000_000]);
  });
});
