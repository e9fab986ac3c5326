import { ConditionalCheckFailedException, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { ledger } from '../../cost/ledger.ts';
import { limits } from '../../cost/limits.ts';
import { meets } from '../../cost/services/condition.ts';
import { dynamodb } from '../../cost/services/dynamodb.ts';
import { itemBytes, readUnits, writeUnits } from '../../cost/services/item-size.ts';
import { kinesis } from '../../cost/services/kinesis.ts';
import { virtualTime } from '../../cost/virtual-time.ts';

const counting = () => ({ ledger: ledger(), limits: limits(), time: virtualTime(0) });
const item = (sort: string, bytes: number) => ({ partition: { S: 'p' }, sort: { S: sort }, body: { B: new Uint8Array(bytes) } });

describe('DynamoDB', () => {
  test('an item has the bytes of its names and values', () => {
    expect(itemBytes({ id: { S: 'é' }, n: { N: '-123' }, flag: { BOOL: true }, list: { L: [{ S: 'ab' }, { NULL: true }] } })).toBe(
      2 + 2 + (1 + 4) + (4 + 1) + (4 + 3 + 3 + 2),
    );
  });

  test('units are rounded up, and none is less than one', () => {
    expect([0, 1_024, 1_025].map(writeUnits)).toEqual([1, 1, 2]);
    expect([0, 4_096, 4_097].map(readUnits)).toEqual([1, 1, 2]);
  });

  test('a write costs the larger of the item before and after, also one that is refused', async () => {
    const counted = counting();
    counted.ledger.scale(1);
    const client = dynamodb(
      counted,
      () => 'it',
      () => {},
    ).client('test');
    await client.send(new PutItemCommand({ TableName: 'cells', Item: item('a', 5_000) }));
    await client.send(new PutItemCommand({ TableName: 'cells', Item: item('a', 10) }));
    const refused = new PutItemCommand({
      TableName: 'cells',
      Item: item('a', 9_000),
      ConditionExpression: 'attribute_not_exists(#sort)',
      ExpressionAttributeNames: { '#sort': 'sort' },
    });
    await expect(client.send(refused)).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    expect(counted.ledger.lines()).toEqual([{ item: 'it', unit: 'dynamodb.writeUnits', amount: 5 + 5 + 1 }]);
  });

  test('a query is read in pages of a megabyte, in order, and rounded once a page', async () => {
    const counted = counting();
    counted.ledger.scale(1);
    const client = dynamodb(
      counted,
      () => 'it',
      () => {},
    ).client('test');
    for (const sort of ['c', 'a', 'b']) await client.send(new PutItemCommand({ TableName: 'cells', Item: item(sort, 700_000 - 300_000) }));
    const ask = (ExclusiveStartKey?: ReturnType<typeof item>) =>
      client.send(
        new QueryCommand({
          TableName: 'cells',
          ConsistentRead: true,
          KeyConditionExpression: '#partition = :partition AND #sort BETWEEN :from AND :to',
          ExpressionAttributeNames: { '#partition': 'partition', '#sort': 'sort' },
          ExpressionAttributeValues: { ':partition': { S: 'p' }, ':from': { S: 'a' }, ':to': { S: 'b' } },
          ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
        }),
      );
    const { Items = [], LastEvaluatedKey } = await ask();
    expect(Items.map(({ sort }) => sort?.S)).toEqual(['a', 'b']);
    expect(LastEvaluatedKey).toBeUndefined();
    expect(counted.ledger.lines().find(({ unit }) => unit === 'dynamodb.readUnits')?.amount).toBe(Math.ceil((2 * 400_022) / 4_096));
  });

  test('a hot key is a breach with its place', async () => {
    const counted = counting();
    const client = dynamodb(
      counted,
      () => 'it',
      () => {},
    ).client('test');
    for (const sort of ['a', 'b', 'c']) await client.send(new PutItemCommand({ TableName: 'cells', Item: item(sort, 400_000) }));
    expect(counted.limits.breaches()).toEqual([
      expect.objectContaining({ place: 'DynamoDB cells, p', limit: 'write units per key and second', allowed: 1_000 }),
    ]);
  });

  test('conditions are those of the adapters', () => {
    const ask = (text: string, given: Parameters<typeof meets>[1]) =>
      meets({ text, names: { '#v': 'v', '#e': 'e' }, values: { ':v': { S: 'x' }, ':now': { N: '10' } } }, given);
    const condition = '#v = :v AND (attribute_not_exists(#e) OR #e > :now)';
    expect(ask(condition, { v: { S: 'x' } })).toBe(true);
    expect(ask(condition, { v: { S: 'x' }, e: { N: '9' } })).toBe(false);
    expect(ask(condition, { v: { S: 'y' }, e: { N: '11' } })).toBe(false);
    expect(ask('attribute_not_exists(#v) OR #e <= :now', null)).toBe(true);
  });
});

test('Kinesis bills each record by the kilobyte, puts it into the shard of its hash key, and has a limit a shard', async () => {
  const counted = counting();
  counted.ledger.scale(1);
  const taken: string[] = [];
  const client = kinesis({ ...counted, mode: 'ON_DEMAND', shards: 2, onRecords: (shard, records) => taken.push(`${shard} ${records.length}`) }).client();
  const record = (ExplicitHashKey: bigint, bytes: number) => ({ PartitionKey: '1', ExplicitHashKey: String(ExplicitHashKey), Data: new Uint8Array(bytes) });
  await client.send(new PutRecordsCommand({ StreamName: 'log', Records: [record(0n, 10), record(1n << 127n, 1_500), record(0n, 2_000_000)] }));
  expect(taken).toEqual(['shardId-000000000000 2', 'shardId-000000000001 1']);
  expect((counted.ledger.lines()[0]?.amount ?? 0) * 1_048_576).toBeCloseTo(1 + 2 + 1_954, 5);
  expect(counted.limits.breaches()).toEqual([expect.objectContaining({ place: 'Kinesis shardId-000000000000', limit: 'bytes written a second' })]);
});

test('waits that begin together overlap', async () => {
  const time = virtualTime(1_000);
  await Promise.all([time.sleep(30), time.sleep(10).then(() => time.sleep(10))]);
  await time.sleep(5);
  expect(time.clock()).toBe(1_035);
});
