import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AthenaClient } from '@aws-sdk/client-athena';
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { DeleteBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { athena } from '../../shared/adapters/aws/athena.ts';
import type { Fields } from '../../testing/body.ts';
import type { Answer } from '../../testing/host.ts';
import { sls } from '../support/sls.ts';
import { startAthenaFront } from './athena-front.ts';
import { glueCatalog } from './glue-catalog.ts';
import { iamOf } from './iam.ts';
import { localClient, sleep } from './local-client.ts';
import { startMinistack } from './servers/ministack.ts';
import { startOpenSearch } from './servers/opensearch.ts';
import { freePort } from './servers/process.ts';
import { startTrino } from './servers/trino.ts';

export const STAGE = 'test';
export const STACK = `twinstream-${STAGE}`;

/** The deployed API, asked as the one-machine host is. */
export interface Api {
  get<R = Fields>(path: string): Promise<Answer<R>>;
  post(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  delete(path: string): Promise<Answer>;
}

/** An AWS account made of MiniStack, which enforces IAM, of a real Trino as its Athena, and of a real OpenSearch. */
export const startAccount = async () => {
  const port = await freePort();
  const ministack = await startMinistack({ enforceIam: true, env: { AWS_ENDPOINT_URL_ATHENA: `http://127.0.0.1:${port}` } });
  const trino = await startTrino({ s3: ministack });
  const opensearch = await startOpenSearch();
  const s3 = new S3Client(localClient(ministack.endpoint));
  const lambda = new LambdaClient(localClient(ministack.endpoint, { answerWithinMs: 300_000 }));
  const ssm = new SSMClient(localClient(ministack.endpoint));
  const iam = iamOf(ministack);
  const front = await startAthenaFront({ port, trino, s3, tables: glueCatalog(ministack).tables });
  const athenaClient = new AthenaClient(localClient(front.endpoint));
  const env = { ...ministack.env, SLS_AWS_MONITORING_FREQUENCY: '200', NODE_NO_WARNINGS: '1' };

  /**
   * What MiniStack cannot tell, and AWS can: over plain HTTP the lake's TLS-only policy denies everything, it asks for
   * ssm:GetParametersByPath and kinesis:GetRecords on every resource, and for an action of its own for calls of many messages.
   */
  const widen = async (): Promise<void> => {
    const { bucket } = await outputs();
    await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
    for (const [name, Action] of [
      ['AuthorizeRole', 'ssm:GetParametersByPath'],
      ['LettersRole', ['sqs:ChangeMessageVisibilityBatch', 'kinesis:GetRecords']],
    ] as const) {
      const [role = ''] = (await iam.roles()).filter((one) => one.includes(name));
      await iam.putPolicy(role, 'emulator', { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
    }
  };

  const outputs = async (): Promise<{ url: string; bucket: string }> => {
    const { stdout, stderr } = await sls(['info', '--verbose', '--stage', STAGE], env);
    const of = (name: string) => new RegExp(`${name}: (\\S+)`).exec(stdout + stderr)?.[1] ?? '';
    return { url: `${ministack.endpoint}/_aws/execute-api/${new URL(of('ApiUrl')).host.split('.')[0]}/$default`, bucket: of('LakeBucket') };
  };

  return {
    ministack,
    iam,
    s3,
    env,
    outputs,
    /** `npx sls deploy --stage test`; answers how many seconds it took. */
    deploy: async (): Promise<number> => {
      await ssm.send(new PutParameterCommand({ Name: `/twinstream/${STAGE}/search`, Value: 'user:password', Type: 'SecureString', Overwrite: true }));
      const startedAt = performance.now();
      await sls(['deploy', '--stage', STAGE, `--param=search=${opensearch.endpoint}`], env);
      const seconds = (performance.now() - startedAt) / 1_000;
      await widen();
      return seconds;
    },
    remove: () => sls(['remove', '--stage', STAGE], env),
    /** `npm run token -- create`. */
    createToken: async (scope: string): Promise<string> => {
      const { stdout } = await promisify(execFile)(process.execPath, ['scripts/twinstream.mjs', 'token', 'create', '--scope', scope, '--stage', STAGE], {
        env: { ...process.env, ...env },
      });
      return stdout.trim();
    },
    /** Runs a function as its schedule or the log does, and waits for its end. */
    invoke: async (name: string, event: object): Promise<unknown> => {
      const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({ FunctionName: `${STACK}-${name}`, Payload: Buffer.from(JSON.stringify(event)) }),
      );
      const text = Buffer.from(Payload ?? []).toString();
      if (FunctionError !== undefined) throw new Error(`${name} failed: ${text}`);
      return text === '' ? null : JSON.parse(text);
    },
    /** What Athena answers a user. */
    rows: (sql: string) =>
      athena({
        client: athenaClient,
        workgroup: STACK,
        database: STACK.replace('-', '_'),
        bucket: '',
        clock: Date.now,
        sleep,
        timeoutMs: 120_000,
        onScanned: () => {},
      }).rows(sql),
    /** Has the next call start an HTTP function anew, as a change of its configuration does, be it to what it was. */
    restart: async (name: string): Promise<void> => {
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: `${STACK}-${name}`, Timeout: 29 }));
    },
    /** `npx sls logs`. */
    logs: async (name: string): Promise<string> => (await sls(['logs', '-f', name, '--stage', STAGE], env)).stdout,
    stop: async () => {
      await front.stop();
      for (const client of [s3, lambda, ssm, athenaClient]) client.destroy();
      await Promise.all([trino.stop(), opensearch.stop(), ministack.stop()]);
    },
  };
};
export type Account = Awaited<ReturnType<typeof startAccount>>;

/** The API, with a token; without one where it is null. */
export const apiOf = (url: string, token: string | null): Api => {
  const authorization: Readonly<Record<string, string>> = token === null ? {} : { authorization: `Bearer ${token}` };
  const ask = async <R = Fields>(path: string, init: RequestInit): Promise<Answer<R>> => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null };
  };
  return {
    get: (path) => ask(path, { headers: authorization }),
    post: (path, body, headers = {}) => ask(path, { method: 'POST', body, headers: { ...authorization, ...headers } }),
    delete: (path) => ask(path, { method: 'DELETE', headers: authorization }),
  };
};

/** Looks again and again until there is something; emulated functions take their time. */
export const within = async <T>(seconds: number, look: () => Promise<T>): Promise<NonNullable<T>> => {
  const deadlineMs = Date.now() + seconds * 1_000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > deadlineMs) throw new Error(`Expected it within ${seconds} s, got ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};
