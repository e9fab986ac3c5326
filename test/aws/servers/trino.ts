import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trinoQuery } from '../trino-client.ts';
import { cached } from './cache.ts';
import { javaHome } from './java.ts';
import { unpackArchive } from './maven.ts';
import { freePort, type StartedServer, startProcess, temporaryFolder } from './process.ts';

const VERSION = '476';
const part = (artifact: string, type: 'zip' | 'tar.gz') => ({ group: 'io.trino', artifact, version: VERSION, type });

export interface Trino extends StartedServer {
  /** The folder in which its catalog `hive` keeps its tables. */
  readonly metastore: string;
}

/**
 * Starts Trino with a catalog `hive` over S3 buckets and a catalog `memory`. Athena engine version 3 is an older Trino.
 * The catalog's own notes (schemas, tables) stand in the server's folder, so each server starts without tables.
 */
export const startTrino = async ({
  s3,
}: {
  s3: { readonly endpoint: string; readonly region: string; readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } };
}): Promise<Trino> => {
  const home = await cached({
    name: `trino-${VERSION}`,
    what: `Trino ${VERSION} (Maven Central)`,
    fetch: async (folder) => {
      await unpackArchive(folder, 'server', part('trino-server-core', 'tar.gz'));
      for (const plugin of ['trino-hive', 'trino-memory']) await unpackArchive(folder, 'plugin', part(plugin, 'zip'));
    },
  });
  const folder = temporaryFolder('trino');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const properties = (name: string, entries: Readonly<Record<string, string | number | boolean>>) =>
    writeFile(
      join(folder, name),
      Object.entries(entries)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    );
  await mkdir(join(folder, 'catalog'));
  await mkdir(join(folder, 'metastore'));
  await properties('config.properties', {
    'node.id': 'one',
    'node.environment': 'test',
    'node.bind-ip': '127.0.0.1',
    'node.internal-address': '127.0.0.1',
    coordinator: true,
    'node-scheduler.include-coordinator': true,
    'http-server.http.port': port,
    'http-server.log.enabled': false, // it would stand in the work tree
    'discovery.uri': endpoint,
    'plugin.dir': join(home, 'plugin'),
    'catalog.config-dir': join(folder, 'catalog'),
    'query.max-memory': '700MB',
    'query.max-memory-per-node': '700MB',
  });
  await properties('catalog/hive.properties', {
    'connector.name': 'hive',
    'hive.metastore': 'file',
    'hive.metastore.catalog.dir': 'local:///metastore',
    'fs.native-local.enabled': true,
    'local.location': folder,
    'fs.native-s3.enabled': true,
    's3.endpoint': s3.endpoint,
    's3.region': s3.region,
    's3.path-style-access': true,
    's3.aws-access-key': s3.credentials.accessKeyId,
    's3.aws-secret-key': s3.credentials.secretAccessKey,
    'hive.non-managed-table-writes-enabled': true,
    'hive.partition-projection-enabled': true,
  });
  await properties('catalog/memory.properties', { 'connector.name': 'memory' });
  const { stop } = await startProcess({
    name: `Trino ${VERSION}`,
    folder,
    // It lives for minutes on a small machine: quick to start matters more than quick when warm.
    command: [
      join(await javaHome(25), 'bin', 'java'),
      '-Xmx1500m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      `-Djava.io.tmpdir=${folder}`,
      `-Dconfig=${join(folder, 'config.properties')}`,
      '-cp',
      join(home, 'server', `trino-server-core-${VERSION}`, 'lib', '*'),
      'io.trino.server.TrinoServer',
    ],
    env: {},
    // It answers before it can run anything, so the probe is a query that needs a worker.
    probe: () => trinoQuery({ endpoint }, 'CREATE TABLE IF NOT EXISTS memory.default.ready AS SELECT 1 AS x'),
    timeoutMs: 180_000,
  });
  return { endpoint, metastore: join(folder, 'metastore'), stop };
};
