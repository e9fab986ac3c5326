import { type AttributeValue, BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inParallel } from '../../ports/in-parallel.ts';
import { batches, resend } from '../resend.ts';
import { awsClient } from './aws-client.ts';

/** What the adapters on DynamoDB tables have in common. */

export type Item = Record<string, AttributeValue>;

/** A hot key is throttled for seconds at most: the back-off of five tries covers about four seconds. */
export const dynamodbClient = (): DynamoDBClient => new DynamoDBClient(awsClient({ attempts: 5, answerWithinMs: 5_000 }));

/** docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html; a response has at most 16 MB. */
const MOST_KEYS = { items: 100, bytes: Number.POSITIVE_INFINITY };
const MAX_IDLE_ROUNDS = 8;
/** Concurrent requests: below the client's 50 connections. */
export const PARALLEL = 32;

export interface GetItems {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  /** Whether every write that was acknowledged before is seen, at twice the price. */
  readonly consistent: boolean;
}
/** Items by their keys, which must differ, in no particular order. */
export const getItems = async ({ client, table, sleep, random, consistent }: GetItems, keys: readonly Item[]): Promise<Item[]> => {
  const read = async (some: readonly Item[]): Promise<Item[]> => {
    const found: Item[] = [];
    const send = async (asked: readonly Item[]): Promise<readonly Item[]> => {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [...asked], ConsistentRead: consistent } } }),
      );
      found.push(...(Responses?.[table] ?? []));
      return UnprocessedKeys?.[table]?.Keys ?? [];
    };
    const left = await resend(some, { send, mayGoOn: (idleRounds) => idleRounds < MAX_IDLE_ROUNDS, sleep, random });
    if (left.length > 0)
      throw new Error(`DynamoDB table ${table}: Expected it to read ${some.length} items, got none of the last ${left.length} in ${MAX_IDLE_ROUNDS} tries`);
    return found;
  };
  const all = await inParallel(
    PARALLEL,
    batches(keys, () => 0, MOST_KEYS),
    read,
  );
  return all.flat();
};
