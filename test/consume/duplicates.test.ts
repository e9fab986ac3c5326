import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { foldShards } from '../../shared/consume/fold-shards.ts';
import { laneReader } from '../../shared/log/lane.ts';
import { encodeRecords } from '../../shared/log/record.ts';
import { compareSequence } from '../../shared/log/sequence.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import { type Random, random, seeds } from '../../testing/random.ts';
import { type MemoryLog, type MemoryShard, memoryLog } from '../support/memory-log.ts';
import { quiet } from '../support/world.ts';

// The rule alone, without cells and batch layer, so that many histories are played: an event is a duplicate if the same source
// and id are at an earlier position of its shard or of its ancestors, in an epoch at most the window before its own.

const EPOCH_MS = 10_000;
const WINDOW_MS = 2 * EPOCH_MS;
const LANES = { count: 8, own: 4 };
const FAULT = 0.02;

/** A store whose calls are slow, so that others go on meanwhile, and fail before or after they are done. */
const faulty = (store: CellStore, r: Random, isCalm: () => boolean): CellStore => {
  const slow = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let turns = r.integer(0, 3); turns > 0; turns--) await Promise.resolve();
    if (!isCalm() && r.chance(FAULT)) throw new Error('throttled');
    const result = await call();
    if (!isCalm() && r.chance(FAULT)) throw new Error('timed out, though done');
    return result;
  };
  return {
    ...store,
    get: (keys) => slow(() => store.get(keys)),
    query: (range) => slow(() => store.query(range)),
    put: (writes) => slow(() => store.put(writes)),
  };
};

/** Counts each line that it takes, in one cell a shard, by compare-and-set. */
const consumerOver = (store: CellStore, log: MemoryLog, r: Random) =>
  foldShards(
    {
      store,
      log,
      clock: () => 0,
      telemetry: quiet,
      quarantine: { deliver: async () => {} },
      epochLengthMs: EPOCH_MS,
      duplicateWindowMs: WINDOW_MS,
      cacheBytes: r.pick([1, 2 ** 30]),
      writeUnitBytes: r.pick([1, 300, 1_024]),
    },
    {
      consumer: 'aggregate',
      reportsUnreadable: true,
      counters: { events: 'folded', duplicates: 'duplicates' },
      open: () => null,
      bytesOf: () => 0,
      begin: async ({ shard, after }) => {
        const taken: { readonly seq: string; readonly place: string }[] = [];
        return {
          take: ({ data }, { sequenceNumber }) => void taken.push({ seq: sequenceNumber, place: String(data.place) }),
          settle: async () => {},
          flush: async () => {
            const [held] = await store.get([{ partition: 'taken', sort: shard }]);
            const before = held == null ? [] : (JSON.parse(Buffer.from(held.body).toString()) as string[]);
            const fresh = taken.filter(({ seq }) => held == null || compareSequence(seq, held.version) > 0).map(({ place }) => place);
            if (held != null && compareSequence(after.upTo, held.version) <= 0) return { metrics: {} };
            const cell = { partition: 'taken', sort: shard, version: after.upTo, body: Buffer.from(JSON.stringify([...before, ...fresh])) };
            const [written] = await store.put([{ cell, expected: held?.version ?? null, expiresAtMs: null }]);
            if (written !== true) throw new Error('contention');
            return { metrics: {} };
          },
        };
      },
    },
  );

/** What the plain rule counts: the place of each line that is no duplicate. */
const expectedOf = (all: readonly MemoryShard[], lines: ReadonlyMap<string, readonly { place: string; id: string }[]>): string[] => {
  const parentsOf = (shard: MemoryShard) => all.filter(({ id }) => shard.parents.includes(id));
  const ends = new Map<string, number>();
  const counted: string[] = [];
  const seen = new Map<string, number>();
  for (const shard of all) {
    let epochMs = Math.max(0, ...parentsOf(shard).map(({ id }) => ends.get(id) ?? 0));
    for (const { sequenceNumber, arrivedAtMs } of shard.records) {
      epochMs = Math.max(epochMs, Math.floor(arrivedAtMs / EPOCH_MS) * EPOCH_MS);
      for (const { place, id } of lines.get(sequenceNumber) ?? []) {
        if ((seen.get(id) ?? Number.NEGATIVE_INFINITY) < epochMs - WINDOW_MS) counted.push(place);
        seen.set(id, epochMs);
      }
    }
    ends.set(shard.id, epochMs);
  }
  return counted.sort();
};

const play = async (seed: number): Promise<void> => {
  const r = random(seed);
  let nowMs = 100_000;
  let isCalm = false;
  const log = memoryLog({ shards: 2, lanes: LANES.count, arrival: () => nowMs + r.integer(-4_000, 4_000), gap: () => r.integer(1, 3) });
  const store = sqliteCells({ path: ':memory:', clock: () => 0 });
  const laneOf = laneReader(LANES);
  const lines = new Map<string, { place: string; id: string }[]>();
  const ids: string[] = [];
  const send = async (): Promise<void> => {
    const key = `k${r.integer(0, 5)}`;
    const from = r.pick([0, 0, 509, 1_022]);
    const made = r.chance(0.5)
      ? Array.from({ length: r.integer(1, 6) }, (_, i) => `${key}:${from + i}`).filter(() => r.chance(0.8))
      : Array.from({ length: r.integer(1, 4) }, () => (ids.length > 0 && r.chance(0.4) ? r.pick(ids) : `e${ids.length}`));
    ids.push(...made);
    const byLane = new Map<number, string[]>();
    for (const id of made) byLane.set(laneOf('/s', id), [...(byLane.get(laneOf('/s', id)) ?? []), id]);
    for (const [lane, own] of byLane)
      for (let times = r.chance(0.2) ? 2 : 1; times > 0; times--) {
        // Copies of an event differ only by `place`, which shows the line that was folded.
        const places = own.map((id, i) => ({ id, place: `${lines.size}/${i}` }));
        const events = places.map(({ id, place }) => JSON.stringify({ id, source: '/s', type: 'hit', time: '2026-11-30T00:00:00.000Z', data: { place } }));
        for (const data of encodeRecords(events)) await log.append([{ lane, data }]);
        const last = log.all.flatMap(({ records }) => records).reduce((a, b) => (compareSequence(a.sequenceNumber, b.sequenceNumber) > 0 ? a : b));
        lines.set(last.sequenceNumber, places);
      }
  };
  const reshape = (): void => {
    const open = log.all.filter((shard) => shard.open);
    const wide = open.filter((shard) => shard.lanes.length > 1);
    if (r.chance(0.5) && wide.length > 0) log.split(r.pick(wide));
    else if (open.length > 1) log.merge(open[0] as MemoryShard, open[1] as MemoryShard);
  };

  const newConsumer = () =>
    consumerOver(
      faulty(store, r, () => isCalm),
      log,
      r,
    );
  const environments = Array.from({ length: r.integer(1, 4) }, newConsumer);
  const done = new Map<string, number>();
  const doneOf = ({ id }: MemoryShard) => done.get(id) ?? 0;
  const isDrained = (shard: MemoryShard): boolean => !shard.open && doneOf(shard) === shard.records.length && isReady(shard);
  const isReady = (shard: MemoryShard): boolean => log.all.filter(({ id }) => shard.parents.includes(id)).every(isDrained);
  const poll = async (): Promise<void> => {
    const ready = log.all.filter((shard) => isReady(shard) && doneOf(shard) < shard.records.length);
    if (ready.length === 0) return;
    const shard = r.pick(ready);
    const from = Math.max(0, doneOf(shard) - (r.chance(0.1) ? r.integer(1, 4) : 0));
    const to = Math.min(shard.records.length, Math.max(doneOf(shard), from) + r.integer(1, 6));
    const invoke = async (): Promise<void> => {
      const at = r.integer(0, environments.length - 1);
      if (r.chance(0.05)) environments[at] = newConsumer();
      const { failedFrom } = await (environments[at] as ReturnType<typeof newConsumer>)({ shard: shard.id, records: shard.records.slice(from, to) });
      if (failedFrom === null) done.set(shard.id, Math.max(doneOf(shard), to));
    };
    await Promise.all(r.chance(0.05) ? [invoke(), invoke()] : [invoke()]);
  };

  for (let steps = r.integer(40, 120); steps > 0; steps--) {
    nowMs += r.chance(0.03) ? 40_000 : r.integer(0, 1_500);
    const what = r.next();
    if (what < 0.35) await send();
    else if (what < 0.38) reshape();
    else await poll();
  }
  isCalm = true;
  for (let i = 0; log.all.some((shard) => doneOf(shard) < shard.records.length); i++) {
    if (i > 10_000) throw new Error('It does not come to the end of the log');
    await poll();
  }
  const taken = (await store.query({ partition: 'taken', from: '', to: '~' })).flatMap(({ body }) => JSON.parse(Buffer.from(body).toString()) as string[]);
  store.close();
  expect([seed, taken.sort()]).toEqual([seed, expectedOf(log.all, lines)]);
};

test.each(seeds(3))(
  'from seed %i on: given random histories with environments that own no shard, then each line counts as the plain rule says',
  async (seed) => {
    for (let i = 0; i < Number(process.env.RUNS ?? 25); i++) await play(seed * 1_000 + i);
  },
);
