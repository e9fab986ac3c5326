import { gunzipSync } from 'node:zlib';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { writeRaw } from '../../shared/batch/archive.ts';
import { compactRaw } from '../../shared/batch/compact-raw.ts';
import { damages } from '../../shared/batch/damage.ts';
import { EMPTY_MANIFEST } from '../../shared/batch/manifest.ts';
import { walkChain } from '../../shared/batch/raw-chain.ts';
import { recovered } from '../../shared/batch/recovered.ts';
import { encodeRecords } from '../../shared/log/record.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { type RawName, readRawKey } from '../../shared/storage/lake.ts';
import { random, seeds } from '../../testing/random.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { some } from '../support/long.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { quiet } from '../support/world.ts';

const START_MS = Date.parse('2026-11-21T10:00:00.000Z');
const EPOCH_MS = 60_000;
const SHARDS = ['shard-000000000001', 'shard-0123abcd-000000000002'];

let folder: ReturnType<typeof temporaryFolder>;
let store: ReturnType<typeof sqliteCells>;
let lake: ObjectStore;
beforeEach(() => {
  folder = temporaryFolder();
  store = sqliteCells({ path: `${folder.path}/views.db`, clock: () => START_MS });
  lake = scratchFolder({ root: `${folder.path}/lake` });
});
afterEach(() => {
  store.close();
  folder.remove();
});

const files = async (): Promise<(RawName & { readonly key: string })[]> => {
  const found = [];
  for await (const { key } of lake.list('raw/', '')) found.push({ ...(readRawKey(key) as RawName), key });
  return found;
};
/** Every line that some file holds, once, by its place in the log. */
const lines = async (): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const { key } of await files())
    for (const line of gunzipSync((await lake.get(key)) as Uint8Array)
      .toString()
      .trimEnd()
      .split('\n')) {
      const { epoch, shard, seq, line: number, event } = JSON.parse(line);
      found[`${epoch} ${shard} ${seq} ${number}`] = JSON.stringify(event);
    }
  return found;
};
/** Sequence numbers are those of one log, a record of up to three lines each; some have none, as heartbeats. */
const recordOf = (n: number, epochs: number, records: number) => ({
  sequenceNumber: String(n),
  epochMs: START_MS + Math.floor(((n - 1) * epochs) / records) * EPOCH_MS,
  data: encodeRecords(Array.from({ length: n % 4 }, (_, i) => JSON.stringify({ n, i })))[0] as Uint8Array,
});
const compact = (rawThrough: Readonly<Record<string, string>>, epochs: number, through: ObjectStore = lake) =>
  compactRaw({ lake: through, store, telemetry: quiet }, { ...EMPTY_MANIFEST, horizonMs: START_MS + epochs * EPOCH_MS, rawThrough });

/** An archive that fails at times after it has written a batch, and then takes other batches. Answers where each shard's chain ends. */
const archived = async (seed: number, epochs: number, records: number): Promise<Record<string, string>> => {
  const r = random(seed);
  const ends: Record<string, string> = {};
  for (const shard of SHARDS) {
    const own = Array.from({ length: records }, (_, i) => recordOf(i + 1, epochs, records)).filter(
      ({ sequenceNumber }) => Number(sequenceNumber) % 2 === SHARDS.indexOf(shard),
    );
    let prev = '0';
    for (let at = 0; at < own.length; ) {
      const batch = own.slice(at, at + r.integer(1, 6));
      const written = await writeRaw(lake, shard, batch, prev);
      if (r.chance(0.2)) continue;
      prev = written.at(-1)?.last ?? prev;
      at += batch.length;
    }
    ends[shard] = prev;
  }
  return ends;
};
const gaps = async (ends: Readonly<Record<string, string>>) => {
  const all = await files();
  return SHARDS.map(
    (shard) =>
      walkChain(
        all.filter((file) => file.shard === shard),
        '0',
        ends[shard] as string,
      ).gap,
  );
};

test.each(some(seeds(20), 6))('whatever retries left, seed %i, then every line and every chain is there, in fewer files', async (seed) => {
  const ends = await archived(seed, 4, 160);
  const [before, count] = [await lines(), (await files()).length];
  expect(await gaps(ends)).toEqual([null, null]);
  // Two epochs first, then the rest.
  await compact(ends, 2);
  expect([await lines(), await gaps(ends)]).toEqual([before, [null, null]]);
  await compact(ends, 4);
  expect([await lines(), await gaps(ends)]).toEqual([before, [null, null]]);
  expect((await files()).length).toBeLessThan(0.7 * count);
});

test('without a retry, each epoch and shard is one file, whose name has the first, the last, what came before, and its own checksum', async () => {
  let prev = '0';
  for (let n = 1; n <= 12; n++) prev = (await writeRaw(lake, 's-1', [recordOf(n, 2, 12)], prev)).at(-1)?.last ?? prev;
  await compact({ 's-1': '12' }, 2);
  const found = await files();
  expect(found.map(({ epochMs, first, last, prev: before }) => [(epochMs - START_MS) / EPOCH_MS, first, last, before])).toEqual([
    [0, '1', '6', '0'],
    [1, '7', '11', '6'],
  ]);
  for (const { key, crc } of found) expect(await lake.checksum(key)).toBe(crc);
});

test.each(some(seeds(10), 3))('cut off at any write or removal, seed %i, then the next run continues, and the result is the same', async (seed) => {
  const ends = await archived(seed, 3, 120);
  const before = await lines();
  const r = random(seed);
  let calls = 0;
  const failing: ObjectStore = {
    ...lake,
    put: async (key, body) => {
      if (r.chance(0.1)) throw new Error('cut off before a write');
      await lake.put(key, body);
      if (r.chance(0.2)) throw new Error('cut off after a write');
    },
    remove: async (keys) => {
      calls++;
      await lake.remove(keys.slice(0, r.integer(0, keys.length)));
      if (r.chance(0.3)) throw new Error('cut off in a removal');
      await lake.remove(keys);
    },
  };
  let isDone = false;
  for (let i = 0; !isDone && i < 200; i++) {
    isDone = await compact(ends, 3, failing).then(
      () => true,
      () => false,
    );
    expect([await lines(), await gaps(ends)]).toEqual([before, [null, null]]);
  }
  expect([isDone, calls > 3]).toEqual([true, true]);
});

describe('it leaves alone', () => {
  const written = async () => {
    let prev = '0';
    for (let n = 1; n <= 3; n++) prev = (await writeRaw(lake, 's-1', [recordOf(n, 1, 3)], prev)).at(-1)?.last ?? prev;
    return files();
  };

  test('files that are noted by name as having come late', async () => {
    const [, second] = await written();
    await recovered(store).note([{ ...(second as RawName), key: second?.key as string }]);
    const before = await files();
    await compact({ 's-1': '3' }, 1);
    expect(await files()).toEqual(before);
  });

  test('files outside of the chain, and of an older form', async () => {
    for (let n = 1; n <= 3; n++) await writeRaw(lake, 's-1', [recordOf(n, 1, 3)], null);
    await lake.put('raw/epoch=20261121T100000Z/s-1-7-8.ndjson.gz', Buffer.from('x'));
    await lake.put('raw/epoch=20261121T100000Z/s-1-9-10.ndjson.gz', Buffer.from('x'));
    const before = await files();
    await compact({ 's-1': '10' }, 1);
    expect(await files()).toEqual(before);
  });

  test('files that the generation does not hold yet', async () => {
    const before = await written();
    await compact({ 's-1': '1' }, 1);
    await compact({}, 1);
    expect(await files()).toEqual(before);
  });

  test('files around a damaged one, which is noted', async () => {
    const before = await written();
    const second = before[1] as RawName & { key: string };
    await lake.put(second.key, Buffer.from('damaged'));
    await compact({ 's-1': '3' }, 1);
    expect(await files()).toEqual(before);
    expect(await damages(store).list()).toMatchObject([{ file: second.key }]);
  });
});
