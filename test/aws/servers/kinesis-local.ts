import { join } from 'node:path';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { cached } from './cache.ts';
import { freePort, type StartedServer, startProcess, temporaryFolder } from './process.ts';
import { run } from './run.ts';

const VERSION = '0.6.2';

/**
 * Starts Kinesis Mock, in memory. It closes shards and keeps what they hold when a stream is split or merged, which
 * MiniStack does not. It has no option for the address that it listens on, so it listens on all of them.
 */
export const startKinesisLocal = async (): Promise<StartedServer> => {
  const installed = await cached({
    name: `kinesis-local-${VERSION}`,
    what: `Kinesis Mock ${VERSION} (npm, kinesis-local)`,
    fetch: (folder) =>
      run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', `kinesis-local@${VERSION}`], {
        missing: 'It comes with Node.js.',
      }),
  });
  const home = join(installed, 'node_modules', 'kinesis-local');
  const folder = temporaryFolder('kinesis');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new KinesisClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 });
  const { stop } = await startProcess({
    name: 'Kinesis Mock',
    folder,
    command: [process.execPath, join(home, 'main.js')],
    env: {
      KINESIS_MOCK_PLAIN_PORT: String(port),
      KINESIS_MOCK_TLS_PORT: String(await freePort()),
      KINESIS_MOCK_CERT_PATH: join(home, 'server.json'),
      LOG_LEVEL: 'WARN',
      SHARD_LIMIT: '100000',
      ...Object.fromEntries(['CREATE_STREAM', 'SPLIT_SHARD', 'MERGE_SHARDS'].map((action) => [`${action}_DURATION`, '20ms'])),
    },
    probe: () => client.send(new ListStreamsCommand({})),
    timeoutMs: 30_000,
  });
  client.destroy();
  return { endpoint, stop };
};
