import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { type Bundled, PROD, packageStage } from '../support/sls.ts';
import { unzip } from '../support/zip.ts';

// Each zip holds what its function needs, and nothing else: what is in it is read at every cold start.

const MAX_BYTES = 355_000;
/** What a part cannot be bundled without: a text of its own that no minifier changes. */
const PARTS = {
  athena: 'AmazonAthena',
  dynamodb: 'DynamoDB_20120810',
  firehose: 'Firehose_20150804',
  kinesis: 'Kinesis_20131202',
  lambda: 'AWSGirApiService',
  s3: 'AmazonS3',
  sqs: 'AmazonSQS',
  ssm: 'AmazonSSM',
  opensearch: 'opensearch-js',
  parquet: 'parquet',
  sockets: 'PostToConnection',
  /** Zod with its texts; settings take zod/mini, which is small and has none. */
  zod: 'Invalid input: expected',
} as const;
const FUNCTIONS: Readonly<Record<string, readonly (keyof typeof PARTS)[]>> = {
  aggregate: ['dynamodb', 'firehose', 'kinesis', 's3', 'zod'],
  archive: ['dynamodb', 'kinesis', 's3'],
  authorize: ['ssm'],
  events: ['s3', 'zod'],
  explain: ['athena', 'dynamodb', 'kinesis', 's3', 'zod'],
  exclusions: ['dynamodb', 'lambda', 's3', 'zod'],
  generations: ['dynamodb', 'lambda', 'zod'],
  heartbeat: ['dynamodb', 'kinesis'],
  'index-entities': ['firehose', 'opensearch', 'ssm', 'zod'],
  ingest: ['firehose', 'kinesis', 'ssm', 'zod'],
  letters: ['dynamodb', 'firehose', 'kinesis', 'lambda', 's3', 'sqs', 'zod'],
  lookups: ['dynamodb', 'kinesis', 'lambda', 's3', 'zod'],
  page: [],
  materialize: ['dynamodb', 'firehose', 'kinesis', 'zod'],
  quarantine: ['firehose', 'kinesis', 's3', 'zod'],
  query: ['dynamodb', 'kinesis', 's3', 'parquet', 'zod'],
  reindex: ['dynamodb', 'firehose', 'lambda', 'opensearch', 'ssm', 'zod'],
  search: ['dynamodb', 'opensearch', 'ssm', 'zod'],
  live: ['dynamodb', 'zod'],
  connect: ['dynamodb'],
  push: ['dynamodb', 'kinesis', 's3', 'parquet', 'sockets', 'zod'],
  recompute: ['athena', 'dynamodb', 'kinesis', 'lambda', 's3', 'zod'],
};

let packaged: Bundled;
/** Outside the repository, where no package is found. */
const folder = temporaryFolder();
beforeAll(async () => {
  packaged = await packageStage('prod', { ...PROD, live: 'true' });
});
afterAll(folder.remove);

test('there is a zip for each function', () => {
  expect(packaged.ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties.Handler)).toEqual(
    expect.arrayContaining(Object.keys(FUNCTIONS).map((name) => `functions/${name}.handler`)),
  );
  expect(packaged.ofType('AWS::Lambda::Function')).toHaveLength(Object.keys(FUNCTIONS).length);
});

describe.each(Object.entries(FUNCTIONS))('%s', (name, parts) => {
  const code = () => (unzip(packaged.zip(name)).get(`functions/${name}.mjs`) as Buffer).toString();

  test('holds its own code alone', () => {
    expect([...unzip(packaged.zip(name)).keys()]).toEqual([`functions/${name}.mjs`]);
    expect(code()).not.toMatch(/libsql|@duckdb/);
    const found = Object.entries(PARTS).filter(([, text]) => code().includes(text));
    expect(found.map(([part]) => part).sort()).toEqual([...parts].sort());
  });

  test('is small, and starts by itself', () => {
    const bytes = packaged.zip(name).length;
    const file = join(folder.path, `${name}.mjs`);
    writeFileSync(file, code());
    const script = `const at = performance.now(); const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(JSON.stringify({ ms: performance.now() - at, kind: typeof handler }));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
      env: environmentOf(name),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const { ms, kind } = JSON.parse(stdout) as { ms: number; kind: string };
    expect(kind).toBe('function');
    process.stdout.write(`  ${name.padEnd(12)} ${(bytes / 1_000).toFixed(0).padStart(4)} kB zipped, starts in ${ms.toFixed(0)} ms\n`);
    expect(bytes).toBeLessThan(MAX_BYTES);
  });
});

const URLS: Readonly<Record<string, string>> = { SEARCH_ENDPOINT: 'https://a.example', LIVE_URL: 'wss://live.example/prod' };
/** As Lambda would set it. */
const environmentOf = (name: string): NodeJS.ProcessEnv => {
  const [, resource] = packaged.ofType('AWS::Lambda::Function').find(([, { Properties }]) => Properties.Handler === `functions/${name}.handler`) ?? [];
  const variables = Object.entries(resource?.Properties.Environment.Variables ?? {});
  return {
    ...Object.fromEntries(variables.map(([key, value]) => [key, typeof value === 'object' ? (URLS[key] ?? 'a-name') : String(value)])),
    AWS_REGION: 'eu-central-1',
  };
};
