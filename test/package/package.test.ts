import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { unzip } from '../support/zip.ts';
import { filesIn } from './files-in.ts';
import { end, layDown, prints, type Stranger, succeed, type } from './stranger.ts';

// From the tarball, in an empty folder, with nothing but the registry.

/** A fifth of it is the page, fonts included. */
const MAX_PACKED_BYTES = 750_000;
const FIRST_ANSWER_WITHIN_MS = 60_000;
const MONTH = '/metrics/sales?from=2026-11-01&to=2026-12-01&every=all';

let stranger: Stranger;
let shop: string;
beforeAll(async () => {
  stranger = await layDown();
  shop = stranger.shop;
});
afterAll(() => stranger.remove());

const { read, write, changed } = filesIn(() => shop);
/** Without npx between, which does not hand signals on. */
const start = (args: readonly string[] = []) => type(shop, 'node_modules/.bin/twinstream', ['start', ...args], { PORT: '0', LOG_LEVEL: 'warn', EPOCH: '1s' });
const LISTENS = /listens on (http:\S+)/;
const rowsOf = async (url: string, path: string) => ((await (await fetch(url + path)).json()) as { rows?: Record<string, unknown>[] }).rows ?? [];

test('the package holds what is built, and is small', () => {
  const folder = join(shop, 'node_modules/twinstream');
  const files = readdirSync(folder, { recursive: true }).map(String);
  expect(files.filter((name) => /\.ts$/.test(name) && !/\.d\.ts$|templates/.test(name))).toEqual([]);
  expect(files.filter((name) => /(^|\/)(test|bench|docs|examples)\//.test(name))).toEqual([]);
  const bytes = statSync(stranger.tarball).size;
  process.stdout.write(`  ${(bytes / 1_000).toFixed(0)} kB packed, ${files.length} files\n`);
  expect(bytes).toBeLessThan(MAX_PACKED_BYTES);
});

test('the workflow for GitHub is where GitHub looks, and runs what the repository has', () => {
  const workflow = read('.github/workflows/twinstream.yml');
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
  const run = [...workflow.matchAll(/npm (?:run )?(\w+)/g)].map(([, name = '']) => name).filter((name) => name !== 'ci');
  expect(new Set(run)).toEqual(new Set(['types', 'test', 'deploy']));
  for (const name of run) expect([name, scripts[name] !== undefined]).toEqual([name, true]);
  expect(workflow).toContain('npx sls package --stage prod');
});

test('a first query is answered soon after npm install, and a stop leaves nothing behind', async () => {
  const startedAt = performance.now();
  const host = start();
  const url = await prints(host, LISTENS);
  expect(await succeed(shop, 'npm', ['run', 'feed', '--', 'sample', '--url', url])).toContain('8 events accepted, 0 rejected');
  const [row] = await until(async () => {
    const rows = await rowsOf(url, `${MONTH}&by=country&order=-cents`);
    return rows.length === 3 ? rows : null;
  });
  const ms = performance.now() - startedAt;
  process.stdout.write(`  first answer after ${(ms / 1_000).toFixed(1)} s\n`);
  expect(row).toMatchObject({ country: 'SE', orders: 2, cents: 12_330, customers: 1 });
  expect(ms).toBeLessThan(FIRST_ANSWER_WITHIN_MS);
  // The batch layer and the search index run from the package too.
  await fetch(`${url}/recompute`, { method: 'POST' });
  await until(async () => ((await (await fetch(url + MONTH)).json()) as { provenance: { generation: string | null } }).provenance.generation);
  const found = (await (await fetch(`${url}/entities/customer?q=gb`)).json()) as { total: number };
  expect(found.total).toBe(3);
  expect((await end(host)).code).toBe(0);
  expect(readdirSync(join(shop, 'node_modules/.cache/twinstream'))).toEqual([]);
});

test('its tests and its types pass, and a mistake is refused as in an editor', async () => {
  expect(await succeed(shop, 'npm', ['test'])).toMatch(/# pass [1-9]\d*\n# fail 0/);
  await succeed(shop, 'npm', ['run', 'types']);
  await changed(
    'pipeline.ts',
    (text) => text.replace('sum(order.cents)', 'sum(order.country)'),
    async () => {
      const { code, printed } = await type(shop, 'npx', ['tsc', '-p', '.']).ended;
      expect([code === 0, printed]).toEqual([false, expect.stringMatching(/^pipeline\.ts\(\d+,\d+\): error/)]);
    },
  );
});

test('check says what is counted, and what a start would rebuild', async () => {
  expect(await succeed(shop, 'npm', ['run', 'check'])).toMatch(
    /Types are right\.\nmetric sales: order, by 1m, by country\n[\s\S]*cents {2}sum of integer[\s\S]*Nothing changed since/,
  );
  await changed(
    'pipeline.ts',
    (text) =>
      text
        .replace('orders: count(), cents', 'orders: count(), n: count(), cents')
        .replace('    sales: metric(', '    all: metric(order, { measures: { n: count() } }),\n    sales: metric('),
    async () => {
      const printed = await succeed(shop, 'npm', ['run', 'check']);
      expect(printed).toContain('metric sales: changed; a start rebuilds it from all of its history');
      expect(printed).toContain('metric all: added');
      expect(printed).not.toContain('entity customer: changed');
    },
  );
  await changed(
    'pipeline.ts',
    (text) => text.replace('sum(order.cents)', 'sum'),
    async () => expect(await type(shop, 'npx', ['twinstream', 'check']).ended).toMatchObject({ code: 1, printed: expect.stringContaining('DefinitionError') }),
  );
});

test('start --watch takes in a changed pipeline with a package beside it, and reports a broken one without ending', async () => {
  await succeed(shop, 'npm', ['install', 'dayjs', '--no-audit', '--no-fund']);
  const host = start(['--watch']);
  try {
    const url = await prints(host, LISTENS);
    const metrics = async () => ((await (await fetch(`${url}/metrics`)).json()) as { metrics: { name: string }[] }).metrics.map(({ name }) => name);
    expect(await metrics()).toEqual(['sales']);
    await changed(
      'pipeline.ts',
      (text) =>
        `import dayjs from 'dayjs';\n${text.replace('    sales: metric(', "    ['in' + dayjs('2026-11-21').year()]: metric(order, { measures: { n: count() } }),\n    sales: metric(")}`,
      async () => {
        // The port is the same, though any was free.
        expect(await prints(host, LISTENS, 2)).toBe(url);
        expect(await metrics()).toEqual(['in2026', 'sales']);
        const good = read('pipeline.ts');
        write('pipeline.ts', good.replace('sum(order.cents)', 'sum(order.country as never)'));
        await prints(host, /DefinitionError: .*sales[\s\S]*The pipeline from before this change continues to run\./);
        write('pipeline.ts', good.replace('export default', 'export default {'));
        await prints(host, /pipeline\.ts:\d+:\d+[\s\S]*?The pipeline from before this change continues to run\./, 1);
        expect(await metrics()).toEqual(['in2026', 'sales']);
      },
    );
    expect(await prints(host, LISTENS, 3)).toBe(url);
    expect(await metrics()).toEqual(['sales']);
  } finally {
    expect((await end(host)).code).toBe(0);
  }
});

describe('on AWS', () => {
  const sls = (args: readonly string[]) => type(shop, 'npx', ['sls', ...args]).ended;

  test('sls package makes every function, and what serverless.yml says wins', async () => {
    write(
      'own/nightly.ts',
      "import dayjs from 'dayjs';\nimport pipeline from '../pipeline.ts';\nimport { PLACE } from './place.ts';\nexport const handler = async () => [dayjs().year(), Object.keys(pipeline.metrics), PLACE];\n",
    );
    write('own/place.ts', "export const PLACE = 'nowhere';\n");
    write(
      'own/plugins.cjs',
      "module.exports = [{ name: 'place', setup: (build) => build.onLoad({ filter: /place\\.ts$/ }, () => ({ contents: 'export const PLACE = \"by-the-plugin\";' })) }];\n",
    );
    const more = `
custom: { esbuild: { plugins: own/plugins.cjs } }
functions:
  query: { memorySize: 3008, environment: { HELLO: world } }
  nightly: { handler: own/nightly.handler, events: [{ schedule: rate(1 day) }] }
resources:
  Resources:
    Mine: { Type: AWS::SNS::Topic }
`;
    await changed(
      'serverless.yml',
      (text) => text + more,
      async () => {
        expect(await sls(['package', '--stage', 'dev'])).toMatchObject({ code: 0 });
        const { Resources } = JSON.parse(read('.serverless/cloudformation-template-update-stack.json'));
        expect(Resources.QueryLambdaFunction.Properties).toMatchObject({
          FunctionName: 'shop-dev-query',
          MemorySize: 3008,
          Handler: 'functions/query.handler',
        });
        expect(Resources.QueryLambdaFunction.Properties.Environment.Variables).toMatchObject({ HELLO: 'world', SERVICE: expect.any(String) });
        expect(Resources.AggregateLambdaFunction.Properties).toMatchObject({ FunctionName: 'shop-dev-aggregate', MemorySize: 512 });
        expect(Object.keys(Resources)).toEqual(
          expect.arrayContaining(['Mine', 'Log', 'Cells', 'Entities', 'Lake', 'Batchsales1hTable', 'NightlyLambdaFunction']),
        );
        for (const name of ['ingest', 'query', 'aggregate']) {
          const zip = unzip(readFileSync(join(shop, `.serverless/${name}.zip`)));
          expect([...zip.keys()]).toEqual([`functions/${name}.mjs`]);
          expect(zip.get(`functions/${name}.mjs`)?.toString()).toContain('sales');
        }
        const nightly = unzip(readFileSync(join(shop, '.serverless/nightly.zip')));
        expect([...nightly.keys()]).toEqual(['own/nightly.mjs']);
        expect(nightly.get('own/nightly.mjs')?.toString()).toContain('by-the-plugin');
      },
    );
  });

  test('a handler answers by itself, without AWS', async () => {
    await changed(
      'health.json',
      () =>
        JSON.stringify({
          version: '2.0',
          routeKey: 'GET /metrics',
          rawPath: '/metrics',
          rawQueryString: '',
          headers: {},
          requestContext: { http: { method: 'GET' } },
          isBase64Encoded: false,
        }),
      async () =>
        expect(await sls(['invoke', 'local', '-f', 'query', '-p', 'health.json'])).toMatchObject({
          code: 0,
          printed: expect.stringContaining('\\"name\\":\\"sales\\"'),
        }),
    );
  });

  test('a file at the place of one of its functions, and a package that is missing, are refused by name', async () => {
    await changed(
      'functions/query.ts',
      () => 'export const handler = async () => 1;\n',
      async () =>
        expect(await sls(['package', '--stage', 'dev'])).toMatchObject({ code: 1, printed: expect.stringContaining('functions/query.ts: Expected no file') }),
    );
    const name = join(shop, 'node_modules/@aws-sdk/client-kinesis/package.json');
    const text = readFileSync(name, 'utf8');
    rmSync(name);
    try {
      expect(await sls(['package', '--stage', 'dev'])).toMatchObject({ code: 1, printed: expect.stringMatching(/npm i -D '@aws-sdk\/client-kinesis@\^/) });
    } finally {
      writeFileSync(name, text);
    }
  });
});

test('init refuses a folder that has its files, and changes none', async () => {
  const before = read('pipeline.ts');
  expect(await type(shop, 'npx', ['twinstream', 'init']).ended).toMatchObject({
    code: 1,
    printed: expect.stringMatching(/Expected none of the files .*pipeline\.ts/),
  });
  expect(read('pipeline.ts')).toBe(before);
});
