import { type BatchGetItemInput, type BatchGetItemOutput, DynamoDBClient, GetItemCommand, type QueryInput } from '@aws-sdk/client-dynamodb';
import { dynamodbClient } from '../../shared/adapters/aws/dynamodb.ts';
import { type DynamodbCellsOptions, dynamodbCells } from '../../shared/adapters/aws/dynamodb-cells.ts';
import type { CellWrite } from '../../shared/ports/cell-store.ts';
import { describeCellStore } from '../contracts/cell-store.ts';
import { describeEntityStore } from '../contracts/entity-store.ts';
import { dynamodbTables } from './dynamodb-tables.ts';
import { brokenAfter, brokenBefore, changed, cut, type Fault, type FaultyProxy, passed, refused, silent, startFaultyProxy } from './faulty-proxy.ts';
import { localClient } from './local-client.ts';
import { startDynamoDbLocal } from './servers/dynamodb-local.ts';
import { startMinistack } from './servers/ministack.ts';
import type { StartedServer } from './servers/process.ts';

let local: StartedServer;
let ministack: StartedServer;
let proxy: FaultyProxy;
beforeAll(async () => {
  [local, ministack] = await Promise.all([startDynamoDbLocal(), startMinistack({ enforceIam: false })]);
  proxy = await startFaultyProxy(local.endpoint);
});
afterAll(async () => {
  await proxy?.stop();
  await Promise.all([local?.stop(), ministack?.stop()]);
});

describe('on DynamoDB Local', () => describeCellStore(async (clock) => (await dynamodbTables(local.endpoint).make({ clock })).store));
describe('entities on DynamoDB Local', () => describeEntityStore(async () => (await dynamodbTables(local.endpoint).makeEntities({})).entities));
describe('entities on MiniStack', () => describeEntityStore(async () => (await dynamodbTables(ministack.endpoint).makeEntities({})).entities));
describe('on MiniStack', () => describeCellStore(async (clock) => (await dynamodbTables(ministack.endpoint).make({ clock })).store));

describe('what is DynamoDB’s own', () => {
  test('an item’s time to live is whole seconds, never before its time', async () => {
    const { client, make } = dynamodbTables(local.endpoint);
    const { table, store } = await make({ clock: () => 0 });
    const attributes = async (sort: string) => {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: { partition: { S: 'p' }, sort: { S: sort } } }));
      return Item;
    };
    const write = (sort: string, expiresAtMs: number | null): CellWrite => ({
      cell: { partition: 'p', sort, version: '1', body: Buffer.from('b') },
      expected: null,
      expiresAtMs,
    });
    await store.put([write('a', 1_500), write('b', null), write('c', 2_000)]);
    const plain = { partition: { S: 'p' }, version: { S: '1' }, body: { B: Uint8Array.from(Buffer.from('b')) } };
    expect(await attributes('a')).toEqual({ ...plain, sort: { S: 'a' }, expiresAtMs: { N: '1500' }, expiresAt: { N: '2' } });
    expect(await attributes('b')).toEqual({ ...plain, sort: { S: 'b' } });
    expect(await attributes('c')).toEqual({ ...plain, sort: { S: 'c' }, expiresAtMs: { N: '2000' }, expiresAt: { N: '2' } });
    await store.expire({ partition: 'p', from: '', to: '~' }, 7_001);
    expect(await attributes('a')).toMatchObject({ expiresAtMs: { N: '1500' } });
    expect(await attributes('b')).toEqual({ ...plain, sort: { S: 'b' }, expiresAtMs: { N: '7001' }, expiresAt: { N: '8' } });
  });

  test('the platform’s client goes where the environment says', async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_DYNAMODB: local.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: '000000000000',
      AWS_SECRET_ACCESS_KEY: 'b',
    });
    const client = dynamodbClient();
    const { store } = await dynamodbTables(local.endpoint).make({ client });
    expect(await store.query({ partition: 'p', from: '', to: '~' })).toEqual([]);
    client.destroy();
    process.env = before;
  });
});

describe('when DynamoDB has its troubles', () => {
  afterEach(() => proxy.always(null));
  const write = (sort: string, body = sort): CellWrite => ({
    cell: { partition: 'p', sort, version: '1', body: Buffer.from(body) },
    expected: null,
    expiresAtMs: null,
  });
  /** A store behind the proxy, whose waits take no time. */
  const setUp = async (options: Partial<DynamodbCellsOptions> = {}) => {
    const slept: number[] = [];
    const client = new DynamoDBClient(localClient(proxy.endpoint, { answerWithinMs: 2_000 }));
    const { make } = dynamodbTables(local.endpoint);
    const { store, table } = await make({ client, sleep: async (ms) => void slept.push(ms), random: () => 1, ...options });
    const every = Array.from({ length: 120 }, (_, i) => write(`s${String(i).padStart(3, '0')}`));
    await store.put(every);
    return { store, table, slept, keys: every.map(({ cell }) => cell), straight: dynamodbTables(local.endpoint).client };
  };
  type Keys = NonNullable<BatchGetItemInput['RequestItems']>;
  /** Reads only so many of a batch's keys, as a throttled table, or one with large items, does it. */
  const readsOnly = (n: number, seen: number[] = []): Fault => {
    const part = (items: Keys = {}, from: number, to: number): Keys =>
      Object.fromEntries(Object.entries(items).map(([table, of]) => [table, { ...of, Keys: (of.Keys ?? []).slice(from, to) }]));
    return async (request, forward) => {
      const asked = JSON.parse(request.body.toString()) as BatchGetItemInput;
      const all = Object.values(asked.RequestItems ?? {})[0]?.Keys?.length ?? 0;
      seen.push(all);
      const unprocessed = all > n ? part(asked.RequestItems, n, all) : {};
      if (n === 0) return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ Responses: {}, UnprocessedKeys: unprocessed })) };
      return changed<BatchGetItemInput, BatchGetItemOutput>(
        () => ({ ...asked, RequestItems: part(asked.RequestItems, 0, n) }),
        (answer) => ({ ...answer, UnprocessedKeys: unprocessed }),
      )(request, forward);
    };
  };

  test('keys that were left out are read again by themselves', async () => {
    const { store, keys, slept } = await setUp();
    const seen: number[] = [];
    proxy.next('BatchGetItem', readsOnly(30, seen), readsOnly(0, seen), readsOnly(0, seen), readsOnly(40, seen), readsOnly(100, seen));
    const found = await store.get(keys.slice(0, 100));
    expect(found.map((cell) => cell?.sort)).toEqual(keys.slice(0, 100).map(({ sort }) => sort));
    expect(seen).toEqual([100, 70, 70, 70, 30]);
    expect(slept).toEqual([50, 100, 200, 50]);
  });

  test('a read that gets nothing again and again is an error, not fewer cells', async () => {
    const { store, keys, slept } = await setUp();
    proxy.always(readsOnly(0));
    await expect(store.get(keys.slice(0, 7))).rejects.toThrow(/Expected it to read 7 items, got none of the last 7 in 8 tries/);
    expect(slept).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  });

  test.each([
    ['throttled', refused(400, 'ProvisionedThroughputExceededException')],
    ['a server error', refused(500, 'InternalServerError')],
    ['a connection that breaks', brokenBefore],
    ['half an answer', cut],
    ['silence', silent],
  ])('reads and writes that meet %s are tried again', async (_, fault) => {
    const { store, keys } = await setUp();
    for (const action of ['PutItem', 'BatchGetItem', 'Query', 'UpdateItem']) proxy.next(action, fault);
    expect(await store.put([write('t')])).toEqual([true]);
    expect(await store.get(keys)).toHaveLength(keys.length);
    expect(await store.query({ partition: 'p', from: 's', to: 't' })).toHaveLength(keys.length);
    await store.expire({ partition: 'p', from: 't', to: '~' }, 1);
    expect(await store.get([write('t').cell])).toEqual([null]);
  });

  test.each([
    ['throttled', refused(400, 'ProvisionedThroughputExceededException')],
    ['a connection that breaks', brokenBefore],
  ])('%s every time, each call fails rather than answer less', async (_, fault) => {
    const { store, keys } = await setUp();
    proxy.always(fault);
    await expect(store.put([write('t')])).rejects.toThrow();
    await expect(store.get(keys)).rejects.toThrow();
    await expect(store.query({ partition: 'p', from: 's', to: 't' })).rejects.toThrow();
    await expect(store.expire({ partition: 'p', from: 's', to: 't' }, 1)).rejects.toThrow();
  });

  test('one write of many that fails makes the call fail, and nothing is under way then', async () => {
    const { store } = await setUp();
    const asked = () => proxy.asked.get('PutItem') ?? 0;
    const before = asked();
    let atTheServer = 0;
    proxy.always(async (request, forward) => {
      if (request.body.includes('"w050"')) return refused(400, 'ValidationException')(request, forward);
      atTheServer++;
      const answer = await passed(request, forward);
      atTheServer--;
      return answer;
    });
    await expect(store.put(Array.from({ length: 200 }, (_, i) => write(`w${String(i).padStart(3, '0')}`)))).rejects.toThrow('as the test wants it');
    expect(atTheServer).toBe(0);
    expect(asked() - before).toBeLessThan(200);
  });

  test('a write whose answer was lost is told as written', async () => {
    const { store } = await setUp();
    proxy.next('PutItem', brokenAfter);
    expect(await store.put([write('t')])).toEqual([true]);
    proxy.next('PutItem', brokenAfter);
    expect(await store.put([{ cell: { ...write('t').cell, version: '2' }, expected: '1', expiresAtMs: null }])).toEqual([true]);
  });

  test('but not if another’s stands there when it is tried again', async () => {
    const { store, table } = await setUp();
    const other = dynamodbTables(local.endpoint);
    const rival = dynamodbCells({ client: other.client, table, clock: Date.now, sleep: async () => {}, random: () => 0 });
    for (const body of ['another body', 't'])
      for (const version of ['1', '2']) {
        if (body === 't' && version === '1') continue; // the very same: whoever wrote it, it stands
        const sort = `t ${body} ${version}`;
        proxy.next('PutItem', async () => {
          await rival.put([{ cell: { partition: 'p', sort, version, body: Buffer.from(body) }, expected: null, expiresAtMs: null }]);
          return 'broken';
        });
        expect(await store.put([write(sort, 't')])).toEqual([false]);
      }
  });

  test('every read is a consistent one', async () => {
    const { store, keys } = await setUp();
    const reads: (boolean | undefined)[] = [];
    proxy.always((request, forward) => {
      const asked = JSON.parse(request.body.toString()) as QueryInput & BatchGetItemInput;
      reads.push(asked.ConsistentRead ?? Object.values(asked.RequestItems ?? {})[0]?.ConsistentRead);
      return passed(request, forward);
    });
    await store.get(keys);
    await store.query({ partition: 'p', from: '', to: '~' });
    expect(reads).toEqual([true, true, true]);
  });
});
