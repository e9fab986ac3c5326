import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { cached } from './cache.ts';
import { javaHome } from './java.ts';
import { installJars } from './maven.ts';
import { freePort, type StartedServer, startProcess, temporaryFolder } from './process.ts';

/** Versions 3.x give broken stream records when time to live removes an item. */
const VERSION = '2.6.1';

/**
 * Starts DynamoDB Local, in memory: Amazon's own implementation of conditional writes, streams and time to live.
 * It has no option for the address that it listens on, so it listens on all of them.
 */
export const startDynamoDbLocal = async (): Promise<StartedServer> => {
  const jars = await cached({
    name: `dynamodb-local-${VERSION}`,
    what: `DynamoDB Local ${VERSION} (Maven Central)`,
    fetch: (folder) => installJars(folder, { group: 'com.amazonaws', artifact: 'DynamoDBLocal', version: VERSION }),
  });
  const folder = temporaryFolder('dynamodb');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 });
  const { stop } = await startProcess({
    name: 'DynamoDB Local',
    folder,
    command: [
      join(await javaHome(17), 'bin', 'java'),
      '-Xmx512m',
      `-Djava.io.tmpdir=${folder}`,
      '-cp',
      join(jars, 'lib', '*'),
      'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
      '-inMemory',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    env: {},
    probe: () => client.send(new ListTablesCommand()),
    timeoutMs: 60_000,
  });
  client.destroy();
  return { endpoint, stop };
};
