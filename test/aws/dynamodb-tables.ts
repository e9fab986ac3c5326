import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DynamodbCellsOptions, dynamodbCells } from '../../shared/adapters/aws/dynamodb-cells.ts';
import { type DynamodbEntitiesOptions, dynamodbEntities } from '../../shared/adapters/aws/dynamodb-entities.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import type { EntityStore } from '../../shared/ports/entity-store.ts';
import { localClient, sleep } from './local-client.ts';

/** Tables on a local DynamoDB, keyed as resources/ says. A store's own requests go through `client`, where that is given. */
export const dynamodbTables = (endpoint: string) => {
  const client = new DynamoDBClient(localClient(endpoint));
  return {
    client,
    make: async (options: Partial<DynamodbCellsOptions>): Promise<{ readonly table: string; readonly store: CellStore }> => {
      const table = `cells-${randomUUID()}`;
      await client.send(
        new CreateTableCommand({
          TableName: table,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: 'partition', AttributeType: 'S' },
            { AttributeName: 'sort', AttributeType: 'S' },
          ],
          KeySchema: [
            { AttributeName: 'partition', KeyType: 'HASH' },
            { AttributeName: 'sort', KeyType: 'RANGE' },
          ],
        }),
      );
      return { table, store: dynamodbCells({ client, table, clock: Date.now, sleep, random: Math.random, ...options }) };
    },
    makeEntities: async (options: Partial<DynamodbEntitiesOptions>): Promise<{ readonly table: string; readonly entities: EntityStore }> => {
      const table = `entities-${randomUUID()}`;
      await client.send(
        new CreateTableCommand({
          TableName: table,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: '_id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: '_id', KeyType: 'HASH' }],
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
        }),
      );
      return { table, entities: dynamodbEntities({ client, table, sleep, random: Math.random, ...options }) };
    },
  };
};
