import { join } from 'node:path';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { cached } from './cache.ts';
import { freePort, type StartedServer, startProcess, temporaryFolder } from './process.ts';
import { installPython, pythonOf } from './python.ts';

const VERSION = '1.5.33';
const REGION = 'us-east-1';
/** The account's root user; with IAM enforced, it may do everything, and its signature is not looked at. */
const ROOT = { accessKeyId: '000000000000', secretAccessKey: 'test' };

export interface Ministack extends StartedServer {
  readonly region: string;
  readonly credentials: typeof ROOT;
  /** What an SDK, or `sls deploy`, finds it by. */
  readonly env: Readonly<Record<string, string>>;
}

/** The Python environment that MiniStack is in; botocore, which it needs, has AWS's service models. */
export const ministackEnvironment = (): Promise<string> =>
  cached({
    name: `ministack-${VERSION}`,
    what: `MiniStack ${VERSION} (PyPI)`,
    // DuckDB 2 fails there past a thousand files.
    fetch: (folder) => installPython(folder, [`ministack[full]==${VERSION}`, 'duckdb<2']),
  });

/**
 * Starts MiniStack: S3, Kinesis, DynamoDB, Lambda, Glue, CloudFormation … on one port, in memory. With `enforceIam`, requests
 * need a policy. Its functions see `env` too.
 */
export const startMinistack = async ({ enforceIam, env = {} }: { enforceIam: boolean; env?: Readonly<Record<string, string>> }): Promise<Ministack> => {
  const venv = await ministackEnvironment();
  const folder = temporaryFolder('ministack');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({ endpoint, region: REGION, credentials: ROOT, forcePathStyle: true, maxAttempts: 1 });
  const { stop } = await startProcess({
    name: 'MiniStack',
    folder,
    command: [pythonOf(venv), '-m', 'ministack'],
    env: {
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      S3_DATA_DIR: join(folder, 's3'),
      STATE_DIR: join(folder, 'state'),
      AUTH: String(enforceIam),
      PYTHONUNBUFFERED: '1',
      ...env,
    },
    probe: () => client.send(new ListBucketsCommand()),
    timeoutMs: 60_000,
  });
  client.destroy();
  return {
    endpoint,
    region: REGION,
    credentials: ROOT,
    env: { AWS_ENDPOINT_URL: endpoint, AWS_REGION: REGION, AWS_ACCESS_KEY_ID: ROOT.accessKeyId, AWS_SECRET_ACCESS_KEY: ROOT.secretAccessKey },
    stop,
  };
};
