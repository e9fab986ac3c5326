import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { CellKey } from '../../ports/cell-store.ts';

/** The keys of the cell table's items that were written, from a stream of KEYS_ONLY (docs.aws.amazon.com/lambda/latest/dg/with-ddb.html). Removals, which are expiries, are left out. */
export const keysFromDynamodb = ({ Records }: DynamoDBStreamEvent): readonly CellKey[] =>
  Records.flatMap(({ eventName, dynamodb }) =>
    eventName === 'REMOVE' ? [] : [{ partition: dynamodb?.Keys?.partition?.S ?? '', sort: dynamodb?.Keys?.sort?.S ?? '' }],
  );
