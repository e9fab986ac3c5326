import { gunzipSync, gzipSync } from 'node:zlib';
import { fastestCoding } from '../../shared/log/compression.ts';
import { encodeRecords } from '../../shared/log/record.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import { storedFile } from '../support/golden.ts';
import { EPOCH_MS } from '../support/system-platform.ts';
import { AT, NOW, pipeline, post, shard, totals, world } from './pages-world.ts';

const consumers = ['aggregate', 'archive'] as const;

describe('aggregate', () => {
  test('given records, then they show in the answers once they are folded; given them again, in any batches, then nothing changes', async () => {
    for (const key of ['a', 'b', 'c']) await post(key, 1, 2, 3);
    const records = await world.waiting('aggregate', shard);
    expect(records.length).toBe(3);
    const { aggregate } = world.functions();
    expect(await aggregate({ shard, records })).toEqual({ failedFrom: null });
    expect(await totals()).toEqual([[9, 18]]);
    for (const some of [records, records.slice(0, 1), records.slice(1), records.slice(-1)])
      expect(await aggregate({ shard, records: some })).toEqual({ failedFrom: null });
    expect(await totals()).toEqual([[9, 18]]);
  });

  test('given the same events in another request, then they count once, and the duplicates are counted by themselves', async () => {
    await post('a', 1, 2, 3);
    await world.drain();
    await post('a', 1, 2, 3);
    await post('b', 10);
    await world.drain();
    expect([await totals(), world.counters.get('duplicates')]).toEqual([[[4, 16]], 3]);
  });

  test('given a batch that touches more cells than memory is to hold, then they are written in between, and a crash after that counts nothing twice', async () => {
    const startMs = Date.parse('2026-10-01T00:00:00.000Z');
    const spread = (key: string, n: number) =>
      world.post('/events/hit', JSON.stringify(Array.from({ length: 6_000 }, (_, i) => ({ at: new Date(startMs + i * 60_000).toISOString(), page: 'p', n }))), {
        'idempotency-key': key,
      });
    await spread('a', 1);
    await spread('b', 2);
    let cellPuts = 0;
    const put: CellStore['put'] = async (writes) => {
      if (writes.some(({ cell }) => cell.partition === 'progress')) throw new Error('died after the cells');
      if (writes.some(({ cell }) => cell.partition.startsWith('cells#'))) cellPuts++;
      return world.store.put(writes);
    };
    world.deploy(pipeline, { store: { ...world.store, put } });
    await expect(world.aggregate()).rejects.toThrow('died after the cells');
    expect(cellPuts).toBeGreaterThan(1);
    world.deploy(pipeline, {});
    await world.aggregate();
    const { rows } = (await world.get('/metrics/hits?from=2026-10-01&to=2026-10-06&every=all', {})).body;
    expect(rows).toMatchObject([{ hits: 12_000, n: 18_000 }]);
  });

  test('given records that are no gzip, no UTF-8, a bomb, or cut off, then they are in quarantine with their bytes, and the shard continues', async () => {
    const poison = [Buffer.from('not gzip'), gzipSync(Buffer.from([0xc3, 0x28, 0x0a])), gzipSync(Buffer.alloc(40_000_000)), gzipSync('{"id":"cut off"')];
    await post('a', 1);
    for (const data of poison) await world.log.append([{ lane: 0, data }]);
    await post('b', 2);
    await world.drain();
    expect(await totals()).toEqual([[2, 3]]);
    const { body } = await world.get('/quarantine?reason=undecodable-record', {});
    expect(body.events.map(({ body: bytes, encoding, type }) => [Buffer.from(bytes, encoding), type])).toEqual(poison.map((data) => [Buffer.from(data), null]));
    for (const { errors } of body.events)
      expect(errors).toMatchObject([{ path: expect.stringMatching(/^shard-\w+-000000000001:\d+$/), message: expect.any(String) }]);
  });

  test('given lines that are no JSON or no event in a good record, then they are in quarantine, and its other lines count', async () => {
    const line = (id: string, data: object) => JSON.stringify({ id, source: '/s', type: 'hit', time: AT, data });
    const bad = ['{"id":', 'null', line('x', { page: 'p' }).replace('"data":{"page":"p"}', '"data":null')];
    const lines = [line('a', { at: AT, page: 'p', n: 1 }), ...bad, line('b', { at: AT, page: 'p', n: 2 })];
    for (const data of encodeRecords(lines)) await world.log.append([{ lane: 0, data }]);
    await world.drain();
    expect(await totals()).toEqual([[2, 3]]);
    const { body } = await world.get('/quarantine?reason=fold-failed', {});
    expect(body.events.map(({ body: text }: { body: string }) => text)).toEqual(bad);
  });

  test('given a record that this Node.js cannot inflate, then it is tried again, and is neither in quarantine nor passed over', async () => {
    await post('a', 1);
    await world.log.append([{ lane: 0, data: storedFile('record.zst') }]);
    if (fastestCoding() === 'zstd') return;
    for (const consumer of ['aggregate', 'archive'] as const) {
      const records = await world.waiting(consumer, shard);
      expect(await world.functions()[consumer]({ shard, records })).toEqual({ failedFrom: records[0]?.sequenceNumber });
    }
    expect((await world.get('/quarantine', {})).body.events).toEqual([]);
    expect(JSON.stringify(world.errors)).toContain('Expected Node.js 22.15 or newer');
  });

  test('given an event of a type that is no longer defined, then it is passed over, since the lake keeps it', async () => {
    for (const data of encodeRecords([JSON.stringify({ id: 'a', source: '/s', type: 'gone', time: AT, data: {} })]))
      await world.log.append([{ lane: 0, data }]);
    await world.drain();
    expect([await totals(), world.errors]).toEqual([[[0, null]], []]);
  });

  test('given a quarantine that cannot take a poison record, then the batch is tried again, and nothing is lost', async () => {
    await post('a', 1);
    await world.log.append([{ lane: 0, data: Buffer.from('not gzip') }]);
    const records = await world.waiting('aggregate', shard);
    world.deploy(pipeline, { quarantine: { deliver: () => Promise.reject(new Error('stream is throttled')) } });
    expect(await world.functions().aggregate({ shard, records })).toEqual({ failedFrom: records[0]?.sequenceNumber });
    world.deploy(pipeline, {});
    await world.drain();
    expect([await totals(), (await world.get('/quarantine', {})).body.events.length]).toEqual([[[1, 1]], 1]);
  });
});

describe.each(consumers)('%s', (consumer) => {
  test('given a batch without records, then nothing is wrong', async () => {
    expect(await world.functions()[consumer]({ shard: '', records: [] })).toEqual({ failedFrom: null });
  });

  test('given a store that fails at any of its calls, then it names the lowest record that is not applied; sent again, everything counts once', async () => {
    for (const key of ['a', 'b', 'c', 'd']) await post(key, 1, 2);
    let left = 0;
    const failing = (store: CellStore): CellStore =>
      new Proxy(store, {
        get:
          (target, name) =>
          async (...args: unknown[]) => {
            if (left-- === 0) throw new Error('ProvisionedThroughputExceededException');
            return (target[name as keyof CellStore] as (...of: unknown[]) => unknown)(...args);
          },
      });
    world.deploy(pipeline, { store: failing(world.parts.store) });
    const { [consumer]: handle } = world.functions();
    let failures = 0;
    for (let at = 0; ; at++) {
      left = at;
      const records = await world.waiting(consumer, shard);
      if (records.length === 0) break;
      const { failedFrom } = await handle({ shard, records });
      if (failedFrom === null) continue;
      failures++;
      expect(failedFrom).toBe(records[0]?.sequenceNumber);
    }
    expect([failures > 1, world.errors.length]).toEqual([true, failures]);
    world.deploy(pipeline, {});
    await world.drain();
    expect(await totals()).toEqual([[8, 12]]);
    await world.publish();
    expect(await totals()).toEqual([[8, 12]]);
  });

  test('given records that it has taken, when some of them come again, then its progress stays where it is', async () => {
    for (const key of ['a', 'b', 'c']) await post(key, 1, 2);
    const records = await world.waiting(consumer, shard);
    const { [consumer]: handle } = world.functions();
    await handle({ shard, records });
    for (const some of [records, records.slice(0, 1), records.slice(1, -1)]) {
      expect(await handle({ shard, records: some })).toEqual({ failedFrom: null });
      expect(await world.waiting(consumer, shard)).toEqual([]);
    }
  });
});

describe('archive', () => {
  const files = async () => {
    const found: [string, string[]][] = [];
    for await (const { key } of world.lake.list('raw/', ''))
      found.push([
        key,
        gunzipSync((await world.lake.get(key)) as Uint8Array)
          .toString()
          .split('\n')
          .slice(0, -1),
      ]);
    return found;
  };
  test('given records, then their lines are in the lake by epoch, as they came, each with its place in the log', async () => {
    await post('a', 1, 2);
    world.advance(EPOCH_MS);
    await post('b', 3);
    await world.archive();
    const [first, second, ...others] = await files();
    expect([first?.[0].slice(0, 27), second?.[0].slice(0, 27), others]).toEqual(['raw/epoch=20261121T100000Z/', 'raw/epoch=20261121T100100Z/', []]);
    const lines = [...(first?.[1] ?? []), ...(second?.[1] ?? [])].map((line) => JSON.parse(line));
    expect(lines.map(({ epoch, shard, line, event: { data } }) => [epoch, shard, line, data.n]).sort((a, b) => a[3] - b[3])).toEqual([
      [NOW - 30_000, shard, expect.any(Number), 1],
      [NOW - 30_000, shard, expect.any(Number), 2],
      [NOW + 30_000, shard, 0, 3],
    ]);
  });
  test('given a lake that fails, then the records come again, and the horizon has not moved', async () => {
    await post('a', 1, 2);
    const records = await world.waiting('archive', shard);
    world.deploy(pipeline, { lake: { ...world.parts.lake, put: () => Promise.reject(new Error('SlowDown')) } });
    expect(await world.functions().archive({ shard, records })).toEqual({ failedFrom: records[0]?.sequenceNumber });
    expect([await world.waiting('archive', shard), (await world.get('/health', {})).body.parts.archive?.horizon]).toEqual([records, null]);
  });
  test('given an idle shard, then a heartbeat moves its epoch on, and leaves no file', async () => {
    expect(await world.heartbeat()).toEqual({ shards: 1 });
    await world.archive();
    expect([await files(), (await world.get('/health', {})).body.parts.archive?.horizon]).toEqual([[], '2026-11-21T10:00:00.000Z']);
  });
});
