import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { FirehoseClient, type PutRecordBatchCommandInput } from '@aws-sdk/client-firehose';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { StoredToken } from '../../shared/ports/token-store.ts';
import { LATENCIES } from '../latencies.ts';
import type { Counting } from './dynamodb.ts';
import { GB } from './kinesis.ts';
import { NOWHERE, standIn, unknown } from './stand-in.ts';

const ROUNDING = 5 * 1_024;
const MAX_BATCH_BYTES = 4 * 1_048_576;

/** Firehose: each record rounded up to 5 KB, and billed again for being put in partitions. */
export const firehoseStream = ({ ledger, limits, time }: Counting): FirehoseClient =>
  standIn(new FirehoseClient(NOWHERE), async (command, input) => {
    if (command !== 'PutRecordBatchCommand') throw unknown('Firehose', command);
    const { Records = [] } = input as PutRecordBatchCommandInput;
    await time.sleep(LATENCIES.firehosePut);
    limits.check('Firehose', 'records of a PutRecordBatch', Records.length, 500);
    const bytes = Records.reduce((sum, { Data }) => sum + (Data?.byteLength ?? 0), 0);
    limits.check('Firehose', 'bytes of a PutRecordBatch', bytes, MAX_BATCH_BYTES);
    ledger.count('quarantine', 'firehose.gb', Records.reduce((sum, { Data }) => sum + Math.ceil((Data?.byteLength ?? 0) / ROUNDING) * ROUNDING, 0) / GB);
    ledger.count('quarantine', 'firehose.partitionedGb', bytes / GB);
    return { FailedPutCount: 0, RequestResponses: Records.map((_, i) => ({ RecordId: String(i) })) };
  });

/** The Parameter Store with some tokens. The standard tier is free; each SecureString is one request to KMS. */
export const parameterStore = ({ ledger, time }: Counting, path: string, tokens: readonly StoredToken[]): SSMClient =>
  standIn(new SSMClient(NOWHERE), async (command) => {
    if (command !== 'GetParametersByPathCommand') throw unknown('SSM', command);
    await time.sleep(LATENCIES.ssm);
    ledger.count('API', 'kms.requests', tokens.length);
    return { Parameters: tokens.map(({ id, scope, digest }) => ({ Name: `${path}/${scope}/${id}`, Value: digest })) };
  });

const MESSAGE_BYTES = 32 * 1_024;
const MAX_MESSAGE_BYTES = 128 * 1_024;

/** Connections of a WebSocket API: a message is metered by 32 KB. */
export const socketApi = ({ ledger, limits, time }: Counting): ApiGatewayManagementApiClient =>
  standIn(new ApiGatewayManagementApiClient({ ...NOWHERE, endpoint: 'https://nowhere.example/live' }), async (command, input) => {
    if (command !== 'PostToConnectionCommand') throw unknown('API Gateway', command);
    await time.sleep(LATENCIES.socketPost);
    const { length } = (input as { readonly Data: Uint8Array }).Data;
    limits.check('API Gateway', 'bytes of a message', length, MAX_MESSAGE_BYTES);
    ledger.count('live', 'websocket.messages', Math.ceil(length / MESSAGE_BYTES));
    ledger.count('live', 'transfer.gbOut', length / GB);
    return {};
  });

/** Lambda's own API: what a function starts is noted. */
export const lambdaApi = ({ time }: Counting, started: string[]): LambdaClient =>
  standIn(new LambdaClient(NOWHERE), async (command, input) => {
    if (command !== 'InvokeCommand') throw unknown('Lambda', command);
    await time.sleep(LATENCIES.lambdaInvoke);
    started.push((input as { readonly FunctionName?: string }).FunctionName ?? '');
    return { StatusCode: 202 };
  });
