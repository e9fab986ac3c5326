import {
  type BatchGetItemCommandInput,
  ConditionalCheckFailedException,
  DynamoDBClient,
  type PutItemCommandInput,
  type QueryCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { LATENCIES } from '../latencies.ts';
import type { Ledger } from '../ledger.ts';
import type { Limits } from '../limits.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { meets } from './condition.ts';
import { dynamodbTable, type Item, type Table } from './dynamodb-table.ts';
import { readUnits, writeUnits } from './item-size.ts';
import { NOWHERE, standIn, unknown } from './stand-in.ts';

export interface Counting {
  readonly ledger: Ledger;
  readonly limits: Limits;
  readonly time: VirtualTime;
}

const MB = 1_048_576;
/** docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html: of one partition, so of one key at most. */
const MAX_WRITES = 1_000;
const MAX_READS = 3_000;
const MAX_ITEM_BYTES = 409_600;
/** After every sort key. */
const LAST = '\uffff';

/** DynamoDB on demand, in memory: each request costs units by the real sizes of its items. */
export const dynamodb = (
  { ledger, limits, time }: Counting,
  itemOf: (caller: string, table: string, partition: string) => string,
  onWritten: (table: string, item: Item) => void,
) => {
  const tables: Readonly<Record<string, Table>> = {
    cells: dynamodbTable('partition', 'sort'),
    entities: dynamodbTable('_id', null),
    live: dynamodbTable('partition', 'sort'),
  };
  const tableOf = (name: string | undefined): Table => {
    const table = tables[name ?? ''];
    if (table === undefined) throw new Error(`Expected a table of ${Object.keys(tables).join(', ')}, got ${name}`);
    return table;
  };

  const answerTo = (caller: string) => {
    const spend = (unit: 'read' | 'write', table: string, partition: string, units: number): void => {
      ledger.count(itemOf(caller, table, partition), unit === 'read' ? 'dynamodb.readUnits' : 'dynamodb.writeUnits', units);
      // A key of a table without sort keys is one item: its name would be one of millions.
      const place = `DynamoDB ${table}, ${partition}`;
      if (unit === 'read') limits.perSecond(place, 'read units per key and second', units, MAX_READS, time.clock());
      else limits.perSecond(place, 'write units per key and second', units, MAX_WRITES, time.clock());
    };

    const write = async (
      name: string,
      key: Item,
      given: PutItemCommandInput | UpdateItemCommandInput,
      next: (before: Item | null) => Item,
    ): Promise<object> => {
      const table = tableOf(name);
      const before = table.find(key);
      const { ConditionExpression: text, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = given;
      const [partition] = table.keyOf(key);
      await time.sleep(LATENCIES.dynamodbWrite);
      if (text !== undefined && !meets({ text, names, values }, before?.item ?? null)) {
        spend('write', name, partition, writeUnits(before?.bytes ?? 0));
        throw new ConditionalCheckFailedException({
          message: 'The conditional request failed',
          $metadata: {},
          ...(given.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before !== null ? { Item: before.item } : {}),
        });
      }
      const after = table.put(next(before?.item ?? null));
      limits.check(`DynamoDB ${name}, ${partition}`, 'bytes of an item', after.bytes, MAX_ITEM_BYTES);
      const CapacityUnits = writeUnits(Math.max(before?.bytes ?? 0, after.bytes));
      spend('write', name, partition, CapacityUnits);
      onWritten(name, after.item);
      return given.ReturnConsumedCapacity === 'TOTAL' ? { ConsumedCapacity: { TableName: name, CapacityUnits } } : {};
    };

    const query = async (input: QueryCommandInput): Promise<object> => {
      const name = input.TableName ?? '';
      const { ExpressionAttributeValues: values = {}, ExpressionAttributeNames: names = {}, ExclusiveStartKey: after } = input;
      const isOpen = input.KeyConditionExpression === '#partition = :partition AND #sort < :to';
      const isWholePartition = input.KeyConditionExpression === '#partition = :partition';
      if (!isOpen && !isWholePartition && input.KeyConditionExpression !== '#partition = :partition AND #sort BETWEEN :from AND :to')
        throw new Error(`DynamoDB: Expected a known key condition, got '${input.KeyConditionExpression}'`);
      const partition = values[':partition']?.S ?? '';
      const found: Item[] = [];
      let bytes = 0;
      let last: string | null = null;
      let isWhole = true;
      for (const [sort, row] of tableOf(name).between(
        partition,
        values[':from']?.S ?? '',
        isWholePartition ? LAST : (values[':to']?.S ?? ''),
        after?.sort?.S ?? null,
      )) {
        if (isOpen && sort === values[':to']?.S) break;
        if (bytes >= MB) {
          isWhole = false;
          break;
        }
        bytes += row.bytes;
        last = sort;
        // A filter leaves rows out of the answer, not out of the bill.
        if (input.FilterExpression === undefined || meets({ text: input.FilterExpression, names, values }, row.item)) found.push(row.item);
      }
      spend('read', name, partition, readUnits(bytes) / (input.ConsistentRead === true ? 1 : 2));
      await time.sleep(LATENCIES.dynamodbRead + (bytes / MB) * LATENCIES.dynamodbReadPerMb);
      return { Items: found, ...(isWhole || last === null ? {} : { LastEvaluatedKey: { partition: { S: partition }, sort: { S: last } } }) };
    };

    const batchGet = async ({ RequestItems = {} }: BatchGetItemCommandInput): Promise<object> => {
      const Responses: Record<string, Item[]> = {};
      let bytes = 0;
      for (const [name, { Keys = [], ConsistentRead }] of Object.entries(RequestItems)) {
        limits.check(`DynamoDB ${name}`, 'keys of a BatchGetItem', Keys.length, 100);
        const table = tableOf(name);
        Responses[name] = Keys.flatMap((key) => {
          const row = table.find(key);
          spend('read', name, table.keyOf(key)[0], readUnits(row?.bytes ?? 0) / (ConsistentRead === true ? 1 : 2));
          bytes += row?.bytes ?? 0;
          return row === null ? [] : [row.item];
        });
      }
      limits.check(`DynamoDB for ${caller}`, 'bytes of a BatchGetItem', bytes, 16 * MB);
      await time.sleep(LATENCIES.dynamodbRead + (bytes / MB) * LATENCIES.dynamodbReadPerMb);
      return { Responses };
    };

    return async (command: string, input: never): Promise<object> => {
      switch (command) {
        case 'PutItemCommand': {
          const put = input as PutItemCommandInput;
          return write(put.TableName ?? '', put.Item ?? {}, put, () => put.Item ?? {});
        }
        case 'UpdateItemCommand': {
          const update = input as UpdateItemCommandInput;
          return write(update.TableName ?? '', update.Key ?? {}, update, (before) => ({ ...(before ?? update.Key), ...assigned(update) }));
        }
        case 'QueryCommand':
          return query(input);
        case 'BatchGetItemCommand':
          return batchGet(input);
        default:
          throw unknown('DynamoDB', command);
      }
    };
  };

  return {
    client: (caller: string): DynamoDBClient => standIn(new DynamoDBClient(NOWHERE), answerTo(caller)),
    /** Puts an item at once, for what was there before the play. */
    prepare: async (command: string, input: never): Promise<object> => {
      if (command !== 'PutItemCommand') throw unknown('DynamoDB', command);
      const { TableName, Item } = input as PutItemCommandInput;
      tableOf(TableName).put(Item ?? {});
      return {};
    },
    storedBytes: (table: string, prefix: string): number => tableOf(table).storedBytes(prefix),
  };
};
export type Dynamodb = ReturnType<typeof dynamodb>;

/** What `SET #a = :a, #b = :b` sets. */
const assigned = ({ UpdateExpression = '', ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: UpdateItemCommandInput): Item =>
  Object.fromEntries(
    [...UpdateExpression.matchAll(/(#\w+) = (:\w+)/g)].map(([, name = '', value = '']) => {
      const attribute = values[value];
      if (attribute === undefined) throw new Error(`DynamoDB: Expected a value ${value}, got none`);
      return [names[name] ?? name, attribute];
    }),
  );
