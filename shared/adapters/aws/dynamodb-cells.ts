import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Cell, CellKey, CellRange, CellStore, CellWrite } from '../../ports/cell-store.ts';
import type { Clock } from '../../ports/clock.ts';
import { inParallel } from '../../ports/in-parallel.ts';
import { getItems, type Item, PARALLEL } from './dynamodb.ts';
import { paced } from './paced.ts';

export interface DynamodbCellsOptions {
  readonly client: DynamoDBClient;
  /** Its keys are `partition` and `sort`, both strings; its time to live is `expiresAt`. */
  readonly table: string;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
}

/**
 * Write units a second that one expiry consumes: an update costs as much as writing the whole item, and a partition key takes
 * 1,000 (docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html).
 */
const EXPIRY_UNITS_A_SECOND = 500;

/** Placeholders for reserved words of DynamoDB's expressions, and the like. */
const NAMES = { '#partition': 'partition', '#sort': 'sort', '#version': 'version', '#expiresAtMs': 'expiresAtMs', '#expiresAt': 'expiresAt' };
const named = (...names: (keyof typeof NAMES)[]) => ({ ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, NAMES[name]])) });

/**
 * Cells in a DynamoDB table, an item each; every read is consistent. `expiresAtMs` is exact; reads and conditions use it.
 * `expiresAt` is the same in seconds, rounded up, for DynamoDB's own time to live, which deletes items days late.
 */
export const dynamodbCells = ({ client, table, clock, sleep, random }: DynamodbCellsOptions): CellStore => {
  async function* pages(range: CellRange, only: Partial<QueryCommandInput>): AsyncGenerator<readonly Item[]> {
    const { partition, from, to } = range;
    if (from >= to) return;
    // A key cannot be empty, not even in a condition. BETWEEN includes both ends.
    const sort = from === '' ? '#sort < :to' : '#sort BETWEEN :from AND :to';
    let ExclusiveStartKey: Item | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: `#partition = :partition AND ${sort}`,
          ...named('#partition', '#sort'),
          ...only,
          ExpressionAttributeValues: { ':partition': { S: partition }, ':to': { S: to }, ...(from === '' ? {} : { ':from': { S: from } }) },
          ExclusiveStartKey,
        }),
      );
      yield Items.filter((item) => item.sort?.S !== to);
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }

  const isAlive = ({ expiresAtMs }: Item) => expiresAtMs === undefined || Number(expiresAtMs.N) > clock();

  const write = async ({ cell, expected, expiresAtMs }: CellWrite): Promise<boolean> => {
    const now = { ':now': { N: String(clock()) } };
    const condition =
      expected === null
        ? { ConditionExpression: 'attribute_not_exists(#sort) OR #expiresAtMs <= :now', ...named('#sort', '#expiresAtMs'), ExpressionAttributeValues: now }
        : {
            ConditionExpression: '#version = :expected AND (attribute_not_exists(#expiresAtMs) OR #expiresAtMs > :now)',
            ...named('#version', '#expiresAtMs'),
            ExpressionAttributeValues: { ...now, ':expected': { S: expected } },
          };
    const Item = { ...keyOf(cell), version: { S: cell.version }, body: { B: cell.body }, ...(expiresAtMs === null ? {} : expiry(expiresAtMs)) };
    try {
      await client.send(new PutItemCommand({ TableName: table, Item, ...condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // An earlier try may have written it although its answer was lost.
      return (error.$metadata.attempts ?? 1) > 1 && error.Item !== undefined && isSame(cell, cellOf(error.Item));
    }
  };

  return {
    get: async (keys) => {
      // A request must not name a key twice.
      const distinct = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
      const found = await getItems({ client, table, sleep, random, consistent: true }, distinct.map(keyOf));
      const byName = new Map(
        found
          .filter(isAlive)
          .map(cellOf)
          .map((cell) => [nameOf(cell), cell]),
      );
      return keys.map((key) => byName.get(nameOf(key)) ?? null);
    },
    query: async (range) => {
      const cells: Cell[] = [];
      for await (const items of pages(range, {})) cells.push(...items.filter(isAlive).map(cellOf));
      return cells;
    },
    put: (writes) => inParallel(PARALLEL, writes, write),
    expire: async (range, atMs, mayGoOn = () => true) => {
      const unset = 'attribute_not_exists(#expiresAtMs)';
      const only = { FilterExpression: unset, ProjectionExpression: '#partition, #sort', ...named('#partition', '#sort', '#expiresAtMs') };
      const { expiresAtMs, expiresAt } = expiry(atMs);
      const expireOne = async (Key: Item): Promise<number> => {
        const update = new UpdateItemCommand({
          TableName: table,
          Key,
          UpdateExpression: 'SET #expiresAtMs = :expiresAtMs, #expiresAt = :expiresAt',
          // It may have been deleted, or given an expiry, since it was read.
          ConditionExpression: `attribute_exists(#sort) AND ${unset}`,
          ...named('#sort', '#expiresAtMs', '#expiresAt'),
          ExpressionAttributeValues: { ':expiresAtMs': expiresAtMs, ':expiresAt': expiresAt },
          ReturnConsumedCapacity: 'TOTAL',
        });
        try {
          return (await client.send(update)).ConsumedCapacity?.CapacityUnits ?? 1;
        } catch (error) {
          if (error instanceof ConditionalCheckFailedException) return 1;
          throw error;
        }
      };
      const work = paced({ unitsASecond: EXPIRY_UNITS_A_SECOND, parallel: PARALLEL, clock, sleep });
      for await (const items of pages(range, only)) if (!(await work(items, mayGoOn, expireOne))) return false;
      return true;
    },
  };
};

const nameOf = ({ partition, sort }: CellKey) => JSON.stringify([partition, sort]);
const keyOf = ({ partition, sort }: CellKey) => ({ partition: { S: partition }, sort: { S: sort } });
const expiry = (ms: number) => ({ expiresAtMs: { N: String(ms) }, expiresAt: { N: String(Math.ceil(ms / 1_000)) } });
const cellOf = ({ partition, sort, version, body }: Item): Cell => ({
  partition: partition?.S ?? '',
  sort: sort?.S ?? '',
  version: version?.S ?? '',
  body: body?.B ?? new Uint8Array(),
});
const isSame = (a: Cell, b: Cell) => a.version === b.version && Buffer.compare(a.body, b.body) === 0;
