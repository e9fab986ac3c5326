import type { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import type { FirehoseClient } from '@aws-sdk/client-firehose';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import type { StoredToken } from '../shared/ports/token-store.ts';
import { type Counting, type Dynamodb, dynamodb } from './services/dynamodb.ts';
import type { Item } from './services/dynamodb-table.ts';
import { kinesis, type ShardRecord } from './services/kinesis.ts';
import { s3Bucket } from './services/s3.ts';
import { firehoseStream, lambdaApi, parameterStore, socketApi } from './services/small.ts';
import type { Stage } from './stage.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Everything of AWS that the functions call, in memory and counted. */
export interface Services {
  readonly time: VirtualTime;
  readonly dynamodb: Dynamodb;
  readonly kinesis: ReturnType<typeof kinesis>;
  readonly s3: ReturnType<typeof s3Bucket>;
  readonly firehose: FirehoseClient;
  readonly ssm: SSMClient;
  readonly lambda: LambdaClient;
  readonly sockets: ApiGatewayManagementApiClient;
  readonly tokenPath: string;
  /** Functions that functions have started, which nobody has called yet. */
  readonly started: string[];
}

export interface ServicesOptions extends Counting {
  readonly stage: Stage;
  readonly shards: number;
  readonly objects: ObjectStore;
  readonly tokens: readonly StoredToken[];
  readonly onRecords: (shard: string, records: readonly ShardRecord[]) => void;
  /** Takes each item that was written to the cell store. */
  readonly onCell: (item: Item) => void;
}

export const services = ({ stage, shards, objects, tokens, onRecords, onCell, ...counting }: ServicesOptions): Services => {
  const started: string[] = [];
  const tokenPath = '/twinstream/prod/tokens';
  return {
    time: counting.time,
    dynamodb: dynamodb(counting, itemOfKey, (table, item) => {
      if (table === 'cells') onCell(item);
    }),
    kinesis: kinesis({ ...counting, mode: stage.logMode, shards, onRecords }),
    s3: s3Bucket(counting, objects),
    firehose: firehoseStream(counting),
    ssm: parameterStore(counting, tokenPath, tokens),
    lambda: lambdaApi(counting, started),
    sockets: socketApi(counting),
    tokenPath,
    started,
  };
};

/** Cells that a generation reads, or retires: there are as many of them as are folded, whatever the number of generations. */
export const COMPARED = 'compared cells';

/** Which item of the bill a key belongs to. */
const itemOfKey = (caller: string, table: string, partition: string): string => {
  if (caller === 'push') return 'live';
  if (table === 'entities') return `entities: ${partition.slice(0, partition.indexOf('@'))}`;
  if (partition.startsWith('noted#materialize#')) return 'entities: duplicates';
  if (caller === 'materialize') return 'entities: progress';
  if (partition.startsWith('noted#')) return 'duplicates';
  if (caller === 'recompute' && partition.startsWith('cells#')) return COMPARED;
  if (caller !== 'recompute' && /^(cells#|slices#|definitions$)/.test(partition)) return 'cells';
  return partition === 'progress' && caller !== 'recompute' && caller !== 'heartbeat' ? 'progress' : 'batch layer';
};
