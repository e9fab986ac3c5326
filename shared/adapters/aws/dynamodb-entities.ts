import { ConditionalCheckFailedException, DeleteItemCommand, type DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { EntityItem, EntityKey, EntityStore, EntityWrite } from '../../ports/entity-store.ts';
import { inParallel } from '../../ports/in-parallel.ts';
import { idOf } from '../../storage/entity-item.ts';
import { getItems, type Item, PARALLEL } from './dynamodb.ts';
import { type Attributes, attributesOf, imageOf } from './entity-attributes.ts';

export interface DynamodbEntitiesOptions {
  readonly client: DynamoDBClient;
  /** Its key is `_id`, a string; its stream, NEW_AND_OLD_IMAGES, is the change stream. */
  readonly table: string;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
}

/** Entities in a DynamoDB table, an item each. */
export const dynamodbEntities = ({ client, table, sleep, random }: DynamodbEntitiesOptions): EntityStore => {
  const write = async ({ item, expected }: EntityWrite): Promise<boolean> => {
    const condition =
      expected === null
        ? { ConditionExpression: 'attribute_not_exists(#id)', ExpressionAttributeNames: { '#id': '_id' } }
        : {
            ConditionExpression: '#version = :expected',
            ExpressionAttributeNames: { '#version': '_version' },
            ExpressionAttributeValues: { ':expected': { N: String(expected) } },
          };
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: storedOf(item), ...condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // An earlier try may have written it although its answer was lost.
      return (error.$metadata.attempts ?? 1) > 1 && error.Item !== undefined && isSame(item, readOf(error.Item));
    }
  };
  const read = async (keys: readonly EntityKey[], consistent: boolean): Promise<readonly (EntityItem | null)[]> => {
    const ids = [...new Set(keys.map(idOf))];
    const found = await getItems(
      { client, table, sleep, random, consistent },
      ids.map((id) => ({ _id: { S: id } })),
    );
    const byId = new Map(found.map((item) => [item._id?.S, readOf(item)]));
    return keys.map((key) => byId.get(idOf(key)) ?? null);
  };
  return {
    get: (keys) => read(keys, true),
    recent: (keys) => read(keys, false),
    put: (writes) => inParallel(PARALLEL, writes, write),
    remove: async (keys) => {
      await inParallel(PARALLEL, keys, (key) => client.send(new DeleteItemCommand({ TableName: table, Key: { _id: { S: idOf(key) } } })));
    },
    scan: async (entity, after) => {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({
          TableName: table,
          ConsistentRead: true,
          FilterExpression: '#entity = :entity',
          ExpressionAttributeNames: { '#entity': '_entity' },
          ExpressionAttributeValues: { ':entity': { S: entity } },
          ExclusiveStartKey: after === null ? undefined : { _id: { S: after } },
        }),
      );
      return { items: Items.map(readOf), next: LastEvaluatedKey?._id?.S ?? null };
    },
  };
};

const storedOf = (item: EntityItem): Item => ({ ...(attributesOf(item) as Item), _state: { B: item.state } });
const readOf = ({ _state, ...attributes }: Item): EntityItem => ({ ...imageOf(attributes as Attributes), state: _state?.B ?? new Uint8Array() });
const isSame = (a: EntityItem, b: EntityItem) => a.version === b.version && Buffer.compare(a.state, b.state) === 0;
