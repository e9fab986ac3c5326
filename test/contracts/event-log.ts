import { compareSequence } from '../../shared/log/sequence.ts';
import { ClosedShardError, type EventLog, type LogShard, LogUnavailableError } from '../../shared/ports/event-log.ts';
import type { LogReader, LogRecord } from '../../shared/ports/log-reader.ts';

export interface LogUnderTest {
  readonly log: EventLog;
  readonly reader: LogReader;
}
export interface ReshardableLog extends LogUnderTest {
  /** Closes every open shard and opens others. */
  reshard(): Promise<LogUnderTest>;
}
type Make<L> = (size: { readonly shards: number; readonly lanes: number }) => Promise<L>;

const LANES = 8;
const SHARDS = 4;
const EVERYTHING = { records: 10_000, bytes: Number.MAX_SAFE_INTEGER };

const textOf = ({ data }: LogRecord) => Buffer.from(data).toString();
const record = (lane: number, text: string) => ({ lane, data: Buffer.from(text) });

/** A shard's records to its end; sees to it that nothing comes after `closed`. */
const drain = async (reader: LogReader, shard: string, limits = EVERYTHING): Promise<{ records: LogRecord[]; isClosed: boolean }> => {
  const records: LogRecord[] = [];
  for (;;) {
    const page = await reader.read(shard, records.at(-1)?.sequenceNumber ?? '', limits);
    expect(page.records.length).toBeLessThanOrEqual(limits.records);
    records.push(...page.records);
    if (page.closed || page.records.length === 0) return { records, isClosed: page.closed };
  }
};
const drainAll = async ({ log, reader }: Pick<LogUnderTest, 'log' | 'reader'>): Promise<Map<string, LogRecord[]>> =>
  new Map(await Promise.all((await log.shards()).map(async ({ id }) => [id, (await drain(reader, id)).records] as const)));
const openIds = (shards: readonly LogShard[]) => shards.filter(({ open }) => open).map(({ id }) => id);

/** What every EventLog and its LogReader promise. `make` gives an empty log. */
export const describeEventLog = (make: Make<LogUnderTest>): void => {
  const setUp = () => make({ shards: SHARDS, lanes: LANES });

  test('a lane’s records stand in one open shard, under its name, with growing sequence numbers and their arrival times', async () => {
    const under = await setUp();
    const before = Date.now();
    for (let round = 0; round < 3; round++) await under.log.append(Array.from({ length: LANES }, (_, lane) => record(lane, `${lane}/${round}`)));
    const after = Date.now();

    const all = await drainAll(under);
    expect([...all.keys()]).toEqual(openIds(await under.log.shards()));
    const found = [...all].flatMap(([shard, records]) => records.map((one) => ({ shard, lane: one.lane, text: textOf(one) })));
    for (let lane = 0; lane < LANES; lane++) {
      const own = found.filter(({ text }) => text.startsWith(`${lane}/`));
      // In the order of appends that followed one another.
      expect(own.map(({ text }) => text)).toEqual([0, 1, 2].map((round) => `${lane}/${round}`));
      expect(new Set(own.map(({ shard }) => shard)).size).toBe(1);
      expect(own.map((one) => one.lane)).toEqual([0, 1, 2].map(() => String(lane)));
    }
    for (const records of all.values()) {
      for (const [i, { sequenceNumber, arrivedAtMs }] of records.entries()) {
        expect(sequenceNumber).toMatch(/^\d+$/);
        if (i > 0) expect(compareSequence(sequenceNumber, records[i - 1]?.sequenceNumber ?? '')).toBeGreaterThan(0);
        expect(arrivedAtMs).toBeGreaterThanOrEqual(before - 1_000);
        expect(arrivedAtMs).toBeLessThanOrEqual(after + 1_000);
      }
    }
  });

  test('lanes spread evenly over the shards', async () => {
    const under = await setUp();
    await under.log.append(Array.from({ length: LANES }, (_, lane) => record(lane, 'x')));
    expect([...(await drainAll(under)).values()].map((records) => records.length)).toEqual([2, 2, 2, 2]);
  });

  test('an append of more records, or more bytes, than a request takes stands there whole', async () => {
    const under = await setUp();
    const small = Array.from({ length: 1_100 }, (_, i) => record(i % LANES, `small ${i}`));
    const large = Array.from({ length: 14 }, (_, i) => ({ lane: i % LANES, data: Buffer.alloc(500_000, i) }));
    await under.log.append([...small, ...large]);
    const found = [...(await drainAll(under)).values()].flat();
    const name = ({ data }: { data: Uint8Array }) => (data.length > 1_000 ? `large ${data[0]} ${data.length}` : Buffer.from(data).toString());
    expect(found.map(name).sort()).toEqual([...small, ...large].map(name).sort());
  });

  test('a record keeps bytes of any value', async () => {
    const under = await setUp();
    const data = Uint8Array.from({ length: 256 }, (_, i) => i);
    await under.log.append([{ lane: 3, data }]);
    const [found] = [...(await drainAll(under)).values()].flat();
    expect(Buffer.compare(found?.data ?? Buffer.alloc(0), data)).toBe(0);
  });

  test('a reader goes on after any record, within its limits', async () => {
    const { log, reader } = await setUp();
    for (let i = 0; i < 12; i++) await log.append([record(0, `${i}`.padEnd(100))]);
    const shard = [...(await drainAll({ log, reader }))].find(([, records]) => records.length > 0)?.[0] ?? '';
    const { records, isClosed } = await drain(reader, shard);
    expect({ n: records.length, isClosed }).toEqual({ n: 12, isClosed: false });
    for (const [i, { sequenceNumber }] of records.entries())
      expect((await reader.read(shard, sequenceNumber, EVERYTHING)).records).toEqual(records.slice(i + 1));
    for (const limits of [
      { ...EVERYTHING, records: 5 },
      { ...EVERYTHING, records: 1 },
      { ...EVERYTHING, bytes: 350 },
      { ...EVERYTHING, bytes: 1 },
    ]) {
      expect((await drain(reader, shard, limits)).records).toEqual(records);
      const page = await reader.read(shard, '', limits);
      expect(page.records).toHaveLength(Math.min(limits.records, Math.max(1, Math.floor(limits.bytes / 100)), 12));
    }
  });

  test('a heartbeat stands once in each named shard, under no lane’s name', async () => {
    const under = await setUp();
    const ids = openIds(await under.log.shards());
    await under.log.appendToShards(ids, Buffer.from('beat'));
    await under.log.appendToShards(ids.slice(1, 2), Buffer.from('again'));
    const all = await drainAll(under);
    expect([...all.values()].map((records) => records.map(textOf))).toEqual([['beat'], ['beat', 'again'], ['beat'], ['beat']]);
    for (const { lane } of [...all.values()].flat()) expect(lane).not.toMatch(/^\d+$/);
  });

  test('appending nothing is nothing', async () => {
    const under = await setUp();
    await under.log.append([]);
    await under.log.appendToShards([], Buffer.from('beat'));
    expect([...(await drainAll(under)).values()].flat()).toEqual([]);
  });

  test('a lane that there is not is refused, and nothing is appended', async () => {
    const under = await setUp();
    for (const lane of [-1, LANES, 0.5])
      await expect(under.log.append([record(0, 'x'), record(lane, 'y')])).rejects.toThrow(`Expected a lane from 0 to ${LANES - 1}, got ${lane}`);
    expect([...(await drainAll(under)).values()].flat()).toEqual([]);
  });
};

/** What every EventLog and its LogReader promise once its shards have changed. */
export const describeResharding = (make: Make<ReshardableLog>): void => {
  const resharded = async () => {
    const before = await make({ shards: SHARDS, lanes: LANES });
    const lanes = Array.from({ length: LANES }, (_, lane) => lane);
    await before.log.append(lanes.flatMap((lane) => [record(lane, `${lane}/old/0`), record(lane, `${lane}/old/1`)]));
    const parents = await before.log.shards();
    const under = await before.reshard();
    await under.log.append(lanes.map((lane) => record(lane, `${lane}/new`)));
    return { parents, under, shards: await under.log.shards() };
  };

  test('ids sort in the order in which shards began, and a list has the shard that it is asked for', async () => {
    const { parents, under, shards } = await resharded();
    const children = openIds(shards);
    for (const { id } of parents) for (const child of children) expect(child > id).toBe(true);
    for (const id of children) expect((await under.log.shards(id)).map((shard) => shard.id)).toContain(id);
  });

  test('closed shards keep their records, and come before the open ones that name them as parents', async () => {
    const { parents, under, shards } = await resharded();
    for (const { id } of parents) expect(shards.find((shard) => shard.id === id)?.open).toBe(false);
    const children = shards.filter(({ open }) => open);
    expect(children.length).toBeGreaterThan(0);
    expect([...new Set(children.flatMap((child) => child.parents))].sort()).toEqual(parents.map(({ id }) => id).sort());
    const places = new Map(shards.map(({ id }, i) => [id, i]));
    for (const shard of shards) for (const parent of shard.parents) expect(places.get(parent)).toBeLessThan(places.get(shard.id) ?? -1);

    const all = await drainAll(under);
    const textsIn = (ids: readonly string[]) => ids.flatMap((id) => (all.get(id) ?? []).map(textOf)).sort();
    expect(textsIn(parents.map(({ id }) => id))).toEqual(Array.from({ length: LANES }, (_, lane) => [`${lane}/old/0`, `${lane}/old/1`]).flat());
    expect(textsIn(children.map(({ id }) => id))).toEqual(Array.from({ length: LANES }, (_, lane) => `${lane}/new`));
  });

  test('a closed shard tells its end when its records are read, an open one does not', async () => {
    const { parents, under, shards } = await resharded();
    for (const limits of [EVERYTHING, { ...EVERYTHING, records: 1 }])
      for (const { id } of parents) expect((await drain(under.reader, id, limits)).isClosed).toBe(true);
    for (const { id, open } of shards) if (open) expect((await drain(under.reader, id)).isClosed).toBe(false);
  });

  test('a closed shard takes no record: it is refused by name, and nothing lands in it', async () => {
    const { parents, under } = await resharded();
    const closed = parents.map(({ id }) => id);
    const before = await drainAll(under);
    const refusal = under.log.appendToShards(closed.slice(0, 1), Buffer.from('late'));
    await expect(refusal).rejects.toThrow(ClosedShardError);
    await expect(refusal).rejects.toThrow(LogUnavailableError);
    await expect(refusal).rejects.toThrow(closed[0]);
    const after = await drainAll(under);
    for (const id of closed) expect(after.get(id)).toEqual(before.get(id));
  });

  test('an append by whoever opened the log before its shards changed goes to an open shard', async () => {
    const before = await make({ shards: SHARDS, lanes: LANES });
    await before.log.append([record(0, 'first')]);
    const under = await before.reshard();
    const closed = new Set((await under.log.shards()).filter(({ open }) => !open).map(({ id }) => id));
    await before.log.append(Array.from({ length: LANES }, (_, lane) => record(lane, `${lane}`)));
    const all = [...(await drainAll(under))];
    const textsIn = (isIn: (id: string) => boolean) => all.flatMap(([id, records]) => (isIn(id) ? records.map(textOf) : [])).sort();
    expect(textsIn((id) => closed.has(id))).toEqual(['first']);
    expect(textsIn((id) => !closed.has(id))).toEqual(Array.from({ length: LANES }, (_, lane) => `${lane}`));
  });

  test('a heartbeat goes to the open ones', async () => {
    const { under, shards } = await resharded();
    await under.log.appendToShards(openIds(shards), Buffer.from('beat'));
    const all = await drainAll(under);
    for (const { id, open } of shards) expect((all.get(id) ?? []).filter((one) => textOf(one) === 'beat')).toHaveLength(open ? 1 : 0);
  });
};
