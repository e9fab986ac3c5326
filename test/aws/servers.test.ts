import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { until } from '../support/until.ts';
import { localClient } from './local-client.ts';
import { openCache } from './servers/cache.ts';
import { startDynamoDbLocal } from './servers/dynamodb-local.ts';
import { startKinesisLocal } from './servers/kinesis-local.ts';
import { startMinistack } from './servers/ministack.ts';
import { startProcess, temporaryFolder } from './servers/process.ts';

const isGone = async (endpoint: string) => expect(fetch(endpoint)).rejects.toThrow();

describe('servers', () => {
  test('MiniStack answers, and is gone after stop()', async () => {
    const ministack = await startMinistack({ enforceIam: false });
    const client = new S3Client(localClient(ministack.endpoint));
    await client.send(new CreateBucketCommand({ Bucket: 'a-bucket' }));
    expect((await client.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toEqual(['a-bucket']);
    await ministack.stop();
    await isGone(ministack.endpoint);
  });

  test('MiniStack that enforces IAM refuses who has no policy', async () => {
    const ministack = await startMinistack({ enforceIam: true });
    await new S3Client(localClient(ministack.endpoint)).send(new ListBucketsCommand());
    const stranger = new S3Client({
      endpoint: ministack.endpoint,
      region: ministack.region,
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'no' },
      forcePathStyle: true,
    });
    await expect(stranger.send(new ListBucketsCommand())).rejects.toThrow();
    await ministack.stop();
  });

  test('DynamoDB Local answers, and is gone after stop()', async () => {
    const server = await startDynamoDbLocal();
    const client = new DynamoDBClient(localClient(server.endpoint));
    expect((await client.send(new ListTablesCommand())).TableNames).toEqual([]);
    await server.stop();
    await isGone(server.endpoint);
  });

  test('Kinesis Mock answers, and is gone after stop()', async () => {
    const server = await startKinesisLocal();
    const client = new KinesisClient(localClient(server.endpoint));
    expect((await client.send(new ListStreamsCommand())).StreamNames).toEqual([]);
    await server.stop();
    await isGone(server.endpoint);
  });
});

describe('a process', () => {
  const node = (script: string) => [process.execPath, '-e', script] as const;
  const wait = 'setInterval(() => {}, 1000)';

  test('that ends before it answers is an error with its log', async () => {
    const folder = temporaryFolder('test');
    const start = startProcess({
      name: 'Broken',
      folder,
      command: node("console.log('the reason'); process.exit(3)"),
      env: {},
      probe: () => Promise.reject(new Error('no answer')),
      timeoutMs: 30_000,
    });
    await expect(start).rejects.toThrow(/Expected Broken to answer within 30 s, got its end[\s\S]*the reason[\s\S]*code 3/);
    expect(existsSync(folder)).toBe(false);
  });

  test('that does not answer in time is ended', async () => {
    const folder = temporaryFolder('test');
    const start = startProcess({ name: 'Mute', folder, command: node(wait), env: {}, probe: () => Promise.reject(new Error('no answer')), timeoutMs: 300 });
    await expect(start).rejects.toThrow(/Expected Mute to answer within 0.3 s, got Error: no answer/);
    expect(existsSync(folder)).toBe(false);
  });

  test('and what it started end with whoever asked for it, and its folder goes', async () => {
    const folder = temporaryFolder('test');
    const pids = join(folder, 'pids');
    const server = `const child = require('child_process').spawn(process.execPath, ['-e', '${wait}'], { stdio: 'ignore' }); require('fs').writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid); ${wait}`;
    // Somebody who starts a server and then dies without a word.
    const guard = JSON.stringify(new URL('./servers/guard.mjs', import.meta.url).pathname);
    const parent = spawn(process.execPath, [
      '-e',
      `require('child_process').spawn(process.execPath, [${guard}, ${JSON.stringify(folder)}, process.execPath, '-e', ${JSON.stringify(server)}], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] }); ${wait}`,
    ]);
    await until(() => existsSync(pids));
    const started = (await until(() => readFile(pids, 'utf8'))).split(' ').map(Number);
    expect(started.map(isAlive)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await until(() => !existsSync(folder));
    await until(() => !started.some(isAlive));
  });
});

describe('the cache', () => {
  let folder: string;
  let said: string[];
  beforeEach(() => {
    said = [];
    folder = mkdtempSync(join(tmpdir(), 'twinstream-cache-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  /** Opened anew each time, as by another process. */
  const fetchOnce = (fetch: (folder: string) => Promise<void>): Promise<string> =>
    openCache(folder, (line) => said.push(line))({ name: 'thing-1', what: 'a thing', fetch });
  const content = (text: string) => (to: string) => writeFile(join(to, 'file'), text);
  const read = (at: string) => readFile(join(at, 'file'), 'utf8');

  test('fetches once, and says so', async () => {
    expect(await read(await fetchOnce(content('first')))).toBe('first');
    expect(said).toEqual([`Fetching a thing into ${folder}, once …`, expect.stringMatching(/^Fetched a thing: 0 MB in \d+\.\d s$/)]);
    expect(await read(await fetchOnce(content('second')))).toBe('first');
    expect(said).toHaveLength(2);
  });

  test('does not take half of a fetch for the whole', async () => {
    const half = async (to: string) => {
      await content('half')(to);
      throw new Error('cut off');
    };
    await expect(fetchOnce(half)).rejects.toThrow('cut off');
    expect(await read(await fetchOnce(content('whole')))).toBe('whole');
  });

  test.each([
    ['a missing file', (at: string) => rm(join(at, 'file'))],
    ['a shorter file', (at: string) => writeFile(join(at, 'file'), 'wh')],
    ['one file more', (at: string) => writeFile(join(at, 'other'), '')],
  ])('fetches again where it finds %s, and removes the damaged folder', async (_, damage) => {
    await damage(await fetchOnce(content('whole')));
    expect(await read(await fetchOnce(content('again')))).toBe('again');
    expect(await readdir(folder)).toHaveLength(2);
  });
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
