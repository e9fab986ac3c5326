import { randomBytes } from 'node:crypto';
import type { KinesisStreamEvent } from 'aws-lambda';
import { aggregate } from '../../functions/aggregate.ts';
import { onStream } from '../../functions/middleware/on-stream.ts';
import { fromKinesis, toBatchFailures } from '../../shared/adapters/aws/kinesis-records.ts';
import { encodeRecords } from '../../shared/log/record.ts';
import type { LogRecord } from '../../shared/ports/log-reader.ts';
import { UNLIMITED } from '../../shared/request/http.ts';
import { random, seeds } from '../../testing/random.ts';
import { kinesisEvent } from '../support/kinesis-event.ts';
import { system } from '../support/system.ts';
import { hits } from '../support/world.ts';

const SHARD = 'shardId-000000000007';
const NOW = Date.parse('2026-11-21T10:00:30.123Z');
const record = (sequenceNumber: string, data: Uint8Array): LogRecord => ({ sequenceNumber, lane: '3', arrivedAtMs: NOW, data });
const plain = ({ data, ...about }: LogRecord) => ({ ...about, data: Buffer.from(data).toString('hex') });

describe('fromKinesis', () => {
  test.each(seeds(5))('seed %i: given any bytes, lanes and times, then they are read as they were written', (seed) => {
    const r = random(seed);
    const records = Array.from({ length: 50 }, (_, i) => ({
      sequenceNumber: `4959033827149025660855969253836157109592157598913658${r.integer(1_000, 9_999)}${i}`,
      lane: r.pick(['0', '17', 'heartbeat', 'ü']),
      arrivedAtMs: NOW + r.integer(0, 100_000_000),
      data: randomBytes(r.integer(0, 300)),
    }));
    const read = fromKinesis(kinesisEvent({ shard: SHARD, records }));
    expect([read.shard, read.records.map(plain)]).toEqual([SHARD, records.map(plain)]);
  });

  test('given a batch without records, then there are none', () => expect(fromKinesis({ Records: [] }).records).toEqual([]));

  test('given records of two shards, then it refuses, since their order would mean nothing', () => {
    const [one, two] = [SHARD, 'shardId-000000000008'].map((shard) => kinesisEvent({ shard, records: [record('1', Buffer.of(1))] }).Records);
    expect(() => fromKinesis({ Records: [...(one ?? []), ...(two ?? [])] })).toThrow(`Expected records of one shard, got ${SHARD} and shardId-000000000008:1`);
  });
});

test('an outcome names the lowest record alone, from which on Lambda retries', () => {
  expect([toBatchFailures({ failedFrom: null }), toBatchFailures({ failedFrom: '42' })]).toEqual([
    { batchItemFailures: [] },
    { batchItemFailures: [{ itemIdentifier: '42' }] },
  ]);
});

describe('aggregate, as the event source mapping calls it', () => {
  const lines = ['a', 'b'].map((id) => {
    const at = '2026-11-21T09:00:00.000Z';
    return JSON.stringify({ id, source: '/s', type: 'hit', time: at, data: { at, page: 'p', n: 1 } });
  });
  const [good] = encodeRecords(lines) as [Uint8Array];
  const batch = (...data: readonly Uint8Array[]): KinesisStreamEvent =>
    kinesisEvent({ shard: SHARD, records: data.map((bytes, i) => record(String(98 + i), bytes)) });
  const setUp = async () => {
    const world = await system({ pipeline: hits, shards: 1, startMs: NOW });
    const invoke = (changed: object) => {
      const handler = onStream(fromKinesis, aggregate({ ...world.ports(), cellPartBytes: 2_000, cellsKeptMs: null, fastPath: true, ...changed }));
      return (event: KinesisStreamEvent) => handler(event, UNLIMITED);
    };
    const count = async () => (await world.get<{ hits: number }>('/metrics/hits?from=2026-11-21&to=2026-11-22', {})).body.rows[0]?.hits ?? 0;
    return { world, invoke, count };
  };

  test('given good and bad records, then the good ones count once, however often they come, and the bad ones are in quarantine', async () => {
    const { world, invoke, count } = await setUp();
    try {
      const handle = invoke({});
      for (let i = 0; i < 2; i++) expect(await handle(batch(good, Buffer.from('not gzip')))).toEqual({ batchItemFailures: [] });
      expect(await count()).toBe(2);
      expect((await world.get('/quarantine?reason=undecodable-record', {})).body.events).toHaveLength(1);
    } finally {
      await world.close();
    }
  });

  test('given a store that fails, then the lowest record is named; retried from there, all of them count', async () => {
    const { world, invoke, count } = await setUp();
    try {
      const failing = invoke({ store: { ...world.store, put: () => Promise.reject(new Error('throttled')) } });
      expect(await failing(batch(good, good))).toEqual({ batchItemFailures: [{ itemIdentifier: '98' }] });
      expect(await invoke({})(batch(good, good))).toEqual({ batchItemFailures: [] });
      expect(await count()).toBe(2);
    } finally {
      await world.close();
    }
  });

  test('given an event that cannot be read, then the invocation fails, so that all of it is retried', async () => {
    const { world, invoke } = await setUp();
    try {
      const Records = [...batch(good).Records, ...kinesisEvent({ shard: 'other', records: [record('1', good)] }).Records];
      await expect(invoke({})({ Records })).rejects.toThrow('Expected records of one shard');
    } finally {
      await world.close();
    }
  });
});
