import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { apiGatewayPost } from '../../shared/adapters/aws/api-gateway-post.ts';
import { dynamodbLiveConnections } from '../../shared/adapters/aws/dynamodb-live-connections.ts';
import { inParallel } from '../../shared/ports/in-parallel.ts';
import type { LiveConnections } from '../../shared/ports/live-connections.ts';
import { dynamodbTables } from './dynamodb-tables.ts';
import { localClient } from './local-client.ts';
import { modelReader } from './models/model.ts';
import { violationsOf } from './models/violations.ts';
import { startDynamoDbLocal } from './servers/dynamodb-local.ts';
import { ministackEnvironment } from './servers/ministack.ts';
import type { StartedServer } from './servers/process.ts';

describe('live connections on DynamoDB Local', () => {
  let local: StartedServer;
  let tables: ReturnType<typeof dynamodbTables>;
  let connections: LiveConnections;
  let table: string;
  let nowMs = 1_000;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
    tables = dynamodbTables(local.endpoint);
  });
  afterAll(async () => {
    tables?.client.destroy();
    await local?.stop();
  });
  beforeEach(async () => {
    nowMs = 1_000;
    ({ table } = await tables.make({}));
    connections = dynamodbLiveConnections({ client: tables.client, table, clock: () => nowMs });
  });
  const follower = { metrics: ['edits', 'newcomers'], token: 'digest' };

  test('a ticket has its follower for one of several callers, until it expires', async () => {
    await connections.issue('a', follower, 2_000);
    const redeemed = await Promise.all(Array.from({ length: 8 }, () => connections.redeem('a')));
    expect(redeemed.filter((one) => one !== null)).toEqual([follower]);
    expect(await connections.redeem('b')).toBeNull();
    await connections.issue('c', follower, 2_000);
    nowMs = 2_000;
    expect(await connections.redeem('c')).toBeNull();
  });

  test('connections are listed until they are removed or expire, tickets never', async () => {
    await connections.issue('a', follower, 9_000);
    await connections.add({ id: 'c1', ...follower }, 2_000);
    await connections.add({ id: 'c2', metrics: [], token: '' }, 3_000);
    await connections.add({ id: 'c2', metrics: [], token: '' }, 3_000);
    expect(await connections.list('consistent')).toEqual([
      { id: 'c1', ...follower },
      { id: 'c2', metrics: [], token: '' },
    ]);
    nowMs = 2_000;
    expect((await connections.list('consistent')).map(({ id }) => id)).toEqual(['c2']);
    await connections.remove('c2');
    await connections.remove('c3');
    expect(await connections.list('consistent')).toEqual([]);
    // In whole seconds, never before its time.
    const { Items = [] } = await tables.client.send(new ScanCommand({ TableName: table }));
    expect(Items.map(({ expiresAt }) => expiresAt?.N).sort()).toEqual(['2', '9']);
  });

  test('more connections than a page of the table are all listed', async () => {
    // Some 1.2 MB.
    const metrics = Array.from({ length: 40 }, (_, i) => `${i}-${'m'.repeat(60)}`);
    const ids = Array.from({ length: 450 }, (_, i) => `c${i}`);
    await inParallel(8, ids, (id) => connections.add({ id, metrics, token: '' }, 9_000));
    expect(await connections.list('consistent')).toHaveLength(450);
  });
});

// No local server has WebSocket APIs: an HTTP server takes the calls of connections, which are compared with AWS's own model.
describe('posts to connections of a WebSocket API', () => {
  let server: Server;
  let client: ApiGatewayManagementApiClient;
  const calls: { readonly method: string; readonly path: string; readonly body: string; readonly isSigned: boolean }[] = [];
  let answers: number[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const isSigned = /\/execute-api\/aws4_request/.test(request.headers.authorization ?? '');
        calls.push({ method: request.method ?? '', path: request.url ?? '', body: Buffer.concat(chunks).toString(), isSigned });
        const status = answers.shift() ?? 200;
        const kind = { 410: 'GoneException', 429: 'LimitExceededException', 403: 'ForbiddenException' }[status];
        response.writeHead(status, { 'content-type': 'application/json', ...(kind === undefined ? {} : { 'x-amzn-errortype': kind }) });
        response.end(status === 200 ? '' : '{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = new ApiGatewayManagementApiClient(localClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}/live`));
  });
  beforeEach(() => {
    calls.length = 0;
    answers = [];
  });
  afterAll(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('are signed, and go to the connection below the stage', async () => {
    expect(await apiGatewayPost({ client }).send('L0SM9cOFvHcCIhw=', '{"metric":"édits"}')).toBe('sent');
    await apiGatewayPost({ client }).disconnect('L0SM9cOFvHcCIhw=');
    const path = '/live/@connections/L0SM9cOFvHcCIhw%3D';
    expect(calls.map((call) => ({ ...call, path: call.path.replace('%40', '@').split('?')[0] }))).toEqual([
      { method: 'POST', path, body: '{"metric":"édits"}', isSigned: true },
      { method: 'DELETE', path, body: '', isSigned: true },
    ]);
    const model = modelReader(await ministackEnvironment())('ApiGatewayManagementApi');
    expect(violationsOf(model, 'PostToConnection', { ConnectionId: 'a', Data: Buffer.from('text') })).toEqual([]);
    expect(violationsOf(model, 'DeleteConnection', { ConnectionId: 'a' })).toEqual([]);
    expect(violationsOf(model, 'PostToConnection', { ConnectionId: 'a', Data: Buffer.alloc(200_000) })).toHaveLength(1);
  });

  test.each([
    ['that is closed', [410], 'gone', 1],
    ['that is throttled once', [429, 200], 'sent', 2],
    ['that is throttled each time', [429, 429, 429], 'failed', 3],
    ['of a server that fails', [500, 503, 500], 'failed', 3],
    ['that is not permitted', [403], 'failed', 1],
  ] as const)('to one %s are retried where that helps', async (_, some, outcome, tries) => {
    answers = [...some];
    expect(await apiGatewayPost({ client }).send('a', 'text')).toBe(outcome);
    expect(calls).toHaveLength(tries);
    answers = [410];
    await apiGatewayPost({ client }).disconnect('a');
  });
});
