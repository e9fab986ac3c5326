import type { DeadLetter } from '../../local/poller.ts';
import type { LogRecord, ShardRecords } from '../../shared/ports/log-reader.ts';
import { memoryCells } from '../support/world.ts';
import { kinesisHost } from './kinesis-host.ts';
import { kinesisStreams } from './kinesis-streams.ts';
import { startKinesisLocal } from './servers/kinesis-local.ts';
import type { StartedServer } from './servers/process.ts';

/** The host's own poller over a real Kinesis interface does what Lambda's event source mapping does with a consumer that fails. */
let kinesis: StartedServer;
beforeAll(async () => {
  kinesis = await startKinesisLocal();
});
afterAll(() => kinesis?.stop());
/** The hosts of a test, to be stopped also if it fails. */
const hosts: ReturnType<typeof kinesisHost>[] = [];
afterEach(() => Promise.all(hosts.splice(0).map((host) => host.stop())));

describe('a consumer that fails', () => {
  const numbers = ({ records }: ShardRecords) => records.map(numberOf);
  const numberOf = ({ data }: LogRecord) => Number(Buffer.from(data).toString());
  const upTo = (n: number, from = 0) => Array.from({ length: n - from }, (_, i) => i + from);
  /** Records 0 … n − 1 in one shard, and what a consumer gets of them. */
  const setUp = async (n: number) => {
    const stream = await kinesisStreams(kinesis.endpoint).make({ shards: 1, lanes: 1 });
    const store = memoryCells(Date.now);
    for (const i of upTo(n)) await stream.log.append([{ lane: 0, data: Buffer.from(String(i)) }]);
    const got: number[][] = [];
    const letters: DeadLetter<LogRecord>[] = [];
    const start = (invoke: (batch: ShardRecords, got: readonly number[]) => string | null, options: object, clock = Date.now) => {
      const host = kinesisHost({
        consumer: 'test',
        reader: stream.reader,
        checkpoints: store,
        options,
        clock,
        deadLetter: async (letter) => void letters.push(letter),
        invoke: async (batch) => {
          got.push(numbers(batch));
          return { failedFrom: invoke(batch, numbers(batch)) };
        },
      });
      hosts.push(host);
      return host;
    };
    const finish = async (host: ReturnType<typeof kinesisHost>) => {
      await host.caughtUp();
      await host.stop();
      return { got, letters, deaths: host.deaths() };
    };
    return { stream, store, start, finish, got, letters };
  };
  const sequenceOf = ({ records }: ShardRecords, n: number) => records.find((record) => numberOf(record) === n)?.sequenceNumber ?? '';

  test('gets again what follows the record that it named, and not what came before', async () => {
    const { start, finish } = await setUp(10);
    let failures = 0;
    const host = start((batch, some) => (some.includes(6) && failures++ < 2 ? sequenceOf(batch, 6) : null), {
      batchSize: 10,
      bisect: false,
    });
    expect(await finish(host)).toEqual({ got: [upTo(10), upTo(10, 6), upTo(10, 6)], letters: [], deaths: 0 });
  });

  test('gets a whole batch again if it names a record that was not in it', async () => {
    const { start, finish } = await setUp(4);
    let failures = 0;
    const host = start(() => (failures++ < 1 ? '49680430926643010966847922331156479828068513681082679298' : null), { batchSize: 4, bisect: false });
    expect(await finish(host)).toEqual({ got: [upTo(4), upTo(4)], letters: [], deaths: 0 });
  });

  test('gets a batch in halves, in order, until the bad record is alone; only that one is given up', async () => {
    const { start, finish } = await setUp(16);
    const host = start(
      (_, some) => {
        if (some.includes(11)) throw new Error('poison');
        return null;
      },
      { batchSize: 8, maxRetries: 2 },
    );
    const { got, letters } = await finish(host);
    expect(got).toEqual([upTo(8), upTo(16, 8), [8, 9, 10, 11], [8, 9], [10, 11], [10], [11], [11], [11], [12, 13, 14, 15]]);
    expect(letters.map(({ records, ...about }) => ({ ...about, records: records.map(numberOf) }))).toEqual([
      { shard: 'shardId-000000000000', reason: 'retries', attempts: 6, error: 'poison', records: [11] },
    ]);
  });

  test('without halves, a whole batch is given up after its retries, and the shard goes on', async () => {
    const { start, finish } = await setUp(9);
    const host = start(
      (_, some) => {
        if (some.includes(4)) throw new Error('poison');
        return null;
      },
      { batchSize: 3, maxRetries: 1, bisect: false },
    );
    const { got, letters } = await finish(host);
    expect(got).toEqual([upTo(3), upTo(6, 3), upTo(6, 3), upTo(9, 6)]);
    expect(letters.map(({ records, reason, attempts }) => [reason, attempts, records.map(numberOf)])).toEqual([['retries', 2, [3, 4, 5]]]);
  });

  test('records that grow too old while they fail are given up, with their bytes', async () => {
    const { start, finish } = await setUp(5);
    let aheadMs = 0;
    const host = start(
      () => {
        aheadMs += 40_000;
        throw new Error('down');
      },
      { batchSize: 5, maxRecordAgeMs: 60_000, bisect: false },
      () => Date.now() + aheadMs,
    );
    const { got, letters } = await finish(host);
    expect(got).toEqual([upTo(5), upTo(5)]);
    expect(letters.map(({ records, reason }) => [reason, records.map(numberOf)])).toEqual([['age', upTo(5)]]);
  });

  test('that is stopped goes on after its last success', async () => {
    const { start, finish, stream, got } = await setUp(6);
    await finish(start(() => null, { batchSize: 4 }));
    for (const i of upTo(9, 6)) await stream.log.append([{ lane: 0, data: Buffer.from(String(i)) }]);
    await finish(start(() => null, { batchSize: 4 }));
    expect(got.flat()).toEqual(upTo(9));
  });
});
