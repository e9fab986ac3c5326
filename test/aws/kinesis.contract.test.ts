import { KinesisClient, type ListShardsInput } from '@aws-sdk/client-kinesis';
import { type KinesisLogOptions, kinesisClient } from '../../shared/adapters/aws/kinesis.ts';
import { kinesisTail } from '../../shared/adapters/aws/kinesis-tail.ts';
import { LogUnavailableError } from '../../shared/ports/event-log.ts';
import { describeEventLog, describeResharding, type LogUnderTest } from '../contracts/event-log.ts';
import { brokenAfter, brokenBefore, changed, type FaultyProxy, passed, refused, silent, startFaultyProxy } from './faulty-proxy.ts';
import { kinesisStreams } from './kinesis-streams.ts';
import { localClient, sleep } from './local-client.ts';
import { leavesOut } from './partial-failures.ts';
import { startKinesisLocal } from './servers/kinesis-local.ts';
import { startMinistack } from './servers/ministack.ts';
import type { StartedServer } from './servers/process.ts';

let mock: StartedServer;
let ministack: StartedServer;
let proxy: FaultyProxy;
beforeAll(async () => {
  [mock, ministack] = await Promise.all([startKinesisLocal(), startMinistack({ enforceIam: false })]);
  proxy = await startFaultyProxy(mock.endpoint);
});
afterAll(async () => {
  await proxy?.stop();
  await Promise.all([mock?.stop(), ministack?.stop()]);
});

describe('on Kinesis Mock', () => {
  describeEventLog((size) => kinesisStreams(mock.endpoint).make(size));
  describe('after a change of its shards', () => describeResharding((size) => kinesisStreams(mock.endpoint).make(size)));

  test('a list without the shard that it is asked for is refused', async () => {
    const { log } = await kinesisStreams(mock.endpoint).make({ shards: 1, lanes: 1 });
    await expect(log.shards('shardId-000000000009')).rejects.toThrow(LogUnavailableError);
  });

  test.each([
    ['shardId-000000000009', ''],
    ['shardId-000000000009', '49590338271490256608559692538361571095921575989136588898'],
  ])('the tail of a shard that the stream does not have, %s after %j, has no records and is closed', async (shard, after) => {
    const { client, make } = kinesisStreams(mock.endpoint);
    const { name } = await make({ shards: 1, lanes: 1 });
    const read = kinesisTail({ client, stream: name, sleep });
    expect(await read(shard, after, { records: 10, bytes: 1_000 })).toEqual({ records: [], closed: true });
  });
});

describe('on MiniStack', () => {
  describeEventLog((size) => kinesisStreams(ministack.endpoint).make(size));

  test('a change of shards is not tried: it forgets closed shards with their records', async () => {
    const before = await kinesisStreams(ministack.endpoint).make({ shards: 1, lanes: 1 });
    await before.log.append([{ lane: 0, data: Buffer.from('x') }]);
    const { log } = await before.reshard();
    expect((await log.shards()).filter(({ open }) => !open)).toEqual([]);
  });
});

describe('when Kinesis has its troubles', () => {
  afterEach(() => proxy.always(null));
  const records = Array.from({ length: 10 }, (_, i) => ({ lane: i % 4, data: Buffer.from(`record ${i}`) }));
  const names = records.map(({ data }) => data.toString()).sort();
  /** A log behind the proxy, with a clock and waits that take no time, unless it is told otherwise. */
  const setUp = async (options: Partial<KinesisLogOptions> = {}) => {
    const slept: number[] = [];
    let nowMs = 0;
    const sleep = async (ms: number) => {
      slept.push(ms);
      nowMs += ms;
    };
    const client = new KinesisClient(localClient(proxy.endpoint, { answerWithinMs: 2_000 }));
    const streams = kinesisStreams(mock.endpoint);
    const under = await streams.make({ shards: 2, lanes: 4, client, clock: () => nowMs, sleep, random: () => 1, maxWaitMs: 10_000, ...options });
    return { ...under, streams, slept };
  };
  const textsIn = async ({ log, reader }: LogUnderTest): Promise<string[]> => {
    const pages = await Promise.all((await log.shards()).map(({ id }) => reader.read(id, '', { records: 10_000, bytes: 1e9 })));
    return pages.flatMap((page) => page.records.map(({ data }) => Buffer.from(data).toString())).sort();
  };
  test('records that were left out are sent again by themselves, and each stands once', async () => {
    const { slept, ...under } = await setUp();
    const seen: number[] = [];
    proxy.next(
      'PutRecords',
      leavesOut((i) => i % 3 === 1, seen),
      leavesOut((i) => i === 0, seen),
      leavesOut(() => false, seen),
    );
    await under.log.append(records);
    expect(seen).toEqual([10, 3, 1]);
    expect(await textsIn(under)).toEqual(names);
    expect(slept).toEqual([50, 50]);
  });

  test('waits double to two seconds while nothing goes through, and the log is unavailable when its time is over', async () => {
    const { slept, ...under } = await setUp();
    proxy.next(
      'PutRecords',
      leavesOut((i) => i > 0),
    );
    proxy.always(leavesOut(() => true));
    const append = under.log.append(records);
    await expect(append).rejects.toThrow(LogUnavailableError);
    await expect(append).rejects.toThrow(/Expected it to accept 10 records within 10000 ms, got ProvisionedThroughputExceededException for 9/);
    expect(slept).toEqual([50, 100, 200, 400, 800, 1600, 2000, 2000, 2000]);
    proxy.always(null);
    expect(await textsIn(under)).toEqual(['record 0']);
  });

  test('waits are spread by chance between nothing and their limit', async () => {
    const draws = [0.5, 0, 0.25];
    const { slept, ...under } = await setUp({ random: () => draws.shift() ?? 0 });
    proxy.next(
      'PutRecords',
      leavesOut(() => true),
      leavesOut(() => true),
      leavesOut(() => true),
    );
    await under.log.append(records);
    expect(slept).toEqual([50, 0, 100]);
    expect(await textsIn(under)).toEqual(names);
  });

  test.each([
    ['throttled', refused(400, 'ProvisionedThroughputExceededException')],
    ['a server error', refused(500, 'InternalFailure')],
    ['a connection that breaks', brokenBefore],
    ['silence', silent],
  ])('a request that meets %s is sent again', async (_, fault) => {
    const under = await setUp();
    proxy.next('PutRecords', fault, fault);
    await under.log.append(records);
    expect(await textsIn(under)).toEqual(names);
  });

  test.each([
    ['throttled', refused(400, 'ProvisionedThroughputExceededException')],
    ['a server error', refused(500, 'InternalFailure')],
    ['a connection that breaks', brokenBefore],
    ['a request limit of the account', refused(400, 'LimitExceededException')],
  ])('%s every time, the log is unavailable', async (_, fault) => {
    const { log } = await setUp();
    proxy.always(fault);
    await expect(log.append(records)).rejects.toThrow(LogUnavailableError);
  });

  test('an append is given up when its time is over, whatever the request does then', async () => {
    const { log } = await setUp({ clock: Date.now, maxWaitMs: 300 });
    proxy.always(silent);
    const beganAtMs = Date.now();
    await expect(log.append(records)).rejects.toThrow(LogUnavailableError);
    expect(Date.now() - beganAtMs).toBeLessThan(1_900); // the client itself would wait for 2,000 ms
  });

  test('records whose answer was lost are sent again, and stand twice', async () => {
    const under = await setUp();
    proxy.next('PutRecords', brokenAfter);
    await under.log.append(records);
    const texts = await textsIn(under);
    expect([...new Set(texts)]).toEqual(names);
    expect(texts).toHaveLength(20);
  });

  test.each([
    ['a stream that is not there', { stream: 'nothing' }, 'ResourceNotFoundException'],
    ['a policy that forbids it', {}, 'AccessDeniedException'],
  ])('%s is no log that is unavailable, but an error of its own', async (_, options, name) => {
    const { log } = await setUp(options);
    if (name === 'AccessDeniedException') proxy.always(refused(400, name));
    const error = await log.append(records).catch((error: Error) => error);
    expect(error).not.toBeInstanceOf(LogUnavailableError);
    expect(error).toMatchObject({ name });
  });

  test('shards come on several pages', async () => {
    const { log } = await setUp();
    const whole = await log.shards();
    const paged = await kinesisStreams(mock.endpoint).make({ shards: 7, lanes: 7, client: new KinesisClient(localClient(proxy.endpoint)) });
    const asked = proxy.asked.get('ListShards') ?? 0;
    proxy.always(
      changed<ListShardsInput, object>(
        (request) => ({ ...request, MaxResults: 3 }),
        (answer) => answer,
      ),
    );
    expect((await paged.log.shards()).map(({ id }) => id)).toEqual(Array.from({ length: 7 }, (_, i) => `shardId-${String(i).padStart(12, '0')}`));
    expect(proxy.asked.get('ListShards')).toBe(asked + 3);
    expect(whole).toHaveLength(2);
  });

  test('a heartbeat for a shard that closes meanwhile goes to its child', async () => {
    const { log, reader, name, streams } = await setUp();
    const [first = ''] = (await log.shards()).map(({ id }) => id);
    proxy.next('ListShards', async (request, forward) => {
      const answer = await passed(request, forward);
      await streams.split(name, first, 1n << 126n);
      return answer;
    });
    await log.appendToShards([first], Buffer.from('beat'));
    const shards = await log.shards();
    const texts = await Promise.all(
      shards.map(async ({ id }) => (await reader.read(id, '', { records: 10, bytes: 1e9 })).records.map(({ data }) => Buffer.from(data).toString())),
    );
    expect(shards.map(({ parents }, i) => [parents, texts[i]])).toEqual([
      [[], []],
      [[], []],
      [[first], ['beat']],
      [[first], []],
    ]);
  });

  test('a heartbeat for a shard that is not there is refused', async () => {
    const { log } = await setUp();
    await expect(log.appendToShards(['shardId-000000000099'], Buffer.from('beat'))).rejects.toThrow("got 'shardId-000000000099'");
  });
});

test('the platform’s client goes where the environment says', async () => {
  const before = { ...process.env };
  Object.assign(process.env, { AWS_ENDPOINT_URL_KINESIS: mock.endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
  const client = kinesisClient();
  const under = await kinesisStreams(mock.endpoint).make({ shards: 1, lanes: 1, client });
  await under.log.append([{ lane: 0, data: Buffer.from('x') }]);
  expect(await under.log.shards()).toHaveLength(1);
  client.destroy();
  process.env = before;
});
