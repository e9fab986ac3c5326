import { ConditionalCheckFailedException, DeleteItemCommand, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../ports/clock.ts';
import type { Follower, LiveConnection, LiveConnections } from '../../ports/live-connections.ts';
import type { Item } from './dynamodb.ts';

export interface DynamodbLiveConnectionsOptions {
  readonly client: DynamoDBClient;
  /** Its keys are `partition` and `sort`, both strings; its time to live is `expiresAt`. */
  readonly table: string;
  readonly clock: Clock;
}

const TICKETS = 'tickets';
const CONNECTIONS = 'connections';

/** Tickets and connections in a DynamoDB table, an item each. `expiresAtMs` is exact; DynamoDB deletes by `expiresAt`, in seconds, days late. */
export const dynamodbLiveConnections = ({ client, table, clock }: DynamodbLiveConnectionsOptions): LiveConnections => {
  const put = async (partition: string, sort: string, { metrics, token }: Follower, expiresAtMs: number): Promise<void> => {
    const expiry = { expiresAtMs: { N: String(expiresAtMs) }, expiresAt: { N: String(Math.ceil(expiresAtMs / 1_000)) } };
    const Item = { partition: { S: partition }, sort: { S: sort }, metrics: { S: JSON.stringify(metrics) }, token: { S: token }, ...expiry };
    await client.send(new PutItemCommand({ TableName: table, Item }));
  };
  const isAlive = ({ expiresAtMs }: Item): boolean => Number(expiresAtMs?.N) > clock();
  return {
    issue: (digest, follower, expiresAtMs) => put(TICKETS, digest, follower, expiresAtMs),
    redeem: async (digest) => {
      const request = new DeleteItemCommand({
        TableName: table,
        Key: { partition: { S: TICKETS }, sort: { S: digest } },
        ConditionExpression: 'attribute_exists(#sort)',
        ExpressionAttributeNames: { '#sort': 'sort' },
        ReturnValues: 'ALL_OLD',
      });
      try {
        const { Attributes } = await client.send(request);
        return Attributes !== undefined && isAlive(Attributes) ? followerOf(Attributes) : null;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return null;
        throw error;
      }
    },
    add: ({ id, ...follower }, expiresAtMs) => put(CONNECTIONS, id, follower, expiresAtMs),
    remove: async (id) => {
      await client.send(new DeleteItemCommand({ TableName: table, Key: { partition: { S: CONNECTIONS }, sort: { S: id } } }));
    },
    list: async (reads) => {
      const found: LiveConnection[] = [];
      let ExclusiveStartKey: Item | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: reads === 'consistent',
            KeyConditionExpression: '#partition = :partition',
            ExpressionAttributeNames: { '#partition': 'partition' },
            ExpressionAttributeValues: { ':partition': { S: CONNECTIONS } },
            ExclusiveStartKey,
          }),
        );
        for (const item of Items) if (isAlive(item)) found.push({ id: item.sort?.S ?? '', ...followerOf(item) });
        ExclusiveStartKey = LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return found;
    },
  };
};

const followerOf = ({ metrics, token }: Item): Follower => ({ metrics: JSON.parse(metrics?.S ?? '[]') as string[], token: token?.S ?? '' });
