import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@opensearch-project/opensearch';
import { type OpensearchOptions, opensearch, opensearchClient } from '../../shared/adapters/opensearch/opensearch.ts';
import { type SearchDocument, SearchUnavailableError } from '../../shared/ports/search-index.ts';
import type { SearchSchema } from '../../shared/ports/search-question.ts';
import { describeSearchIndex } from '../contracts/search-index.ts';
import { brokenAfter, brokenBefore, changed, type Fault, type FaultyProxy, passed, refused, startFaultyProxy } from './faulty-proxy.ts';
import { sleep } from './local-client.ts';
import { startOpenSearch } from './servers/opensearch.ts';
import type { StartedServer } from './servers/process.ts';

let server: StartedServer;
let proxy: FaultyProxy;
let client: Client;
const readCredentials = () => Promise.reject(new Error('Expected no credentials to be read'));
beforeAll(async () => {
  server = await startOpenSearch();
  proxy = await startFaultyProxy(server.endpoint);
  client = new Client({ node: server.endpoint });
});
afterAll(async () => {
  await client?.close();
  await proxy?.stop();
  await server?.stop();
});

const prefixed = () => `twinstream-${randomUUID().slice(0, 8)}`;
const make = async (options: Partial<OpensearchOptions>) => {
  const prefix = options.prefix ?? prefixed();
  const index = opensearch({ client: async () => client, isServerless: false, prefix, clock: Date.now, sleep, random: Math.random, ...options });
  return { prefix, index, settle: async () => void (await client.indices.refresh({ index: `${prefix}-*` })) };
};
describeSearchIndex(() => make({}), { findsTypos: true, spellsOut: true });

const schema: SearchSchema = {
  name: 'page',
  identity: '0123456789ab',
  fields: [
    { name: 'title', kind: 'text', searched: true },
    { name: 'channel', kind: 'text', searched: false },
    { name: 'at', kind: 'date', searched: false },
    { name: 'edits', kind: 'number', searched: false },
    { name: 'robot', kind: 'boolean', searched: false },
    { name: 'editors', kind: 'stored', searched: false },
  ],
};
const page = (key: string, version = 1, title = key): SearchDocument => ({ key, version, fields: { title, edits: version } });
const EVERYTHING = { terms: null, filters: [], order: { by: 'key' }, limit: 100, after: null } as const;
const DONE = { state: 'done' };
const indexesOf = async (prefix: string) => (await client.indices.get({ index: `${prefix}-*` })).body;

describe('an index', () => {
  test('has a mapping made from the schema, and takes in nothing else', async () => {
    const { prefix, index, settle } = await make({});
    await index.write(schema, [{ key: 'a', version: 1, fields: { title: 't', surprise: { deep: 1 }, editors: [{ value: 'u', count: 1 }] } }]);
    await settle();
    const found = Object.entries(await indexesOf(prefix));
    expect(found).toHaveLength(1);
    const [[name, { aliases, mappings }]] = found as [[string, { aliases: object; mappings: unknown }]];
    expect(name).toMatch(new RegExp(`^${prefix}-page-0123456789ab-[0-9a-f]{8}-0$`));
    expect(Object.keys(aliases).sort()).toEqual([`${prefix}-page`, `${name}-writes`].sort());
    const keyword = { keyword: { type: 'keyword', ignore_above: 8191 } };
    expect(mappings).toMatchObject({
      dynamic: 'false',
      properties: {
        entity: { type: 'object', enabled: false },
        fields: {
          dynamic: 'false',
          properties: {
            title: { type: 'text', analyzer: 'words', fields: keyword },
            channel: { type: 'text', index: false, fields: keyword },
            at: { type: 'date' },
            edits: { type: 'double' },
            robot: { type: 'boolean' },
          },
        },
      },
    });
    expect(JSON.stringify(mappings)).not.toMatch(/surprise|editors|deep/);
  });

  test('knows the version of what is gone for longer than OpenSearch keeps deletions', async () => {
    const { prefix, index, settle } = await make({});
    await index.write(schema, [page('a', 3)]);
    await client.indices.putSettings({ index: `${prefix}-*`, body: { index: { gc_deletes: '0s' } } });
    await index.write(schema, [{ key: 'a', version: 5, fields: null }]);
    await settle();
    await index.write(schema, [page('a', 4)]);
    await settle();
    expect((await index.search(schema, EVERYTHING)).total).toBe(0);
  });

  test('refuses what Lucene cannot hold, with its reason, while the rest goes in', async () => {
    const { index, settle } = await make({});
    const written = await index.write(schema, [page('a'), page('x'.repeat(40_000), 1, 'long'), page('b')]);
    expect(written).toEqual([DONE, { state: 'refused', reason: expect.stringMatching(/illegal_argument_exception.*immense term/s) }, DONE]);
    await settle();
    expect((await index.search(schema, EVERYTHING)).hits.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  test('that two wrote to first at the same time is one', async () => {
    const { prefix, index, settle } = await make({});
    const written = await Promise.all(Array.from({ length: 8 }, (_, i) => index.write(schema, [page(`k${i}`)])));
    expect(written.flat()).toEqual(written.map(() => DONE));
    await settle();
    expect((await index.search(schema, EVERYTHING)).total).toBe(8);
    expect(Object.keys(await indexesOf(prefix))).toHaveLength(1);
  });
});

describe('when OpenSearch has its troubles', () => {
  afterEach(() => proxy.always(null));
  const BULK = 'POST /_bulk?require_alias=true';
  /** An index behind the proxy, whose waits take no time. */
  const behind = async () => {
    const slept: number[] = [];
    const through = new Client({ node: proxy.endpoint, maxRetries: 0, requestTimeout: 5_000 });
    const made = await make({ client: async () => through, sleep: async (ms) => void slept.push(ms), random: () => 1 });
    await made.index.write(schema, [page('first')]);
    return { ...made, slept };
  };
  const keys = async ({ index, settle }: Awaited<ReturnType<typeof behind>>) => {
    await settle();
    return (await index.search(schema, EVERYTHING)).hits.map(({ key }) => key);
  };
  interface Bulk {
    items: { index: { status: number; error?: object } }[];
  }
  /** Every other item is throttled. */
  const throttled: Fault = async ({ body }, forward) => {
    const lines = body.toString().split('\n');
    const kept = lines.filter((_, i) => (i >> 1) % 2 === 0 || i === lines.length - 1);
    const answered = await forward(Buffer.from(`${kept.join('\n').trim()}\n`));
    const { items } = JSON.parse(answered.body.toString()) as Bulk;
    const some = Array.from({ length: lines.length >> 1 }, (_, i) =>
      i % 2 === 0 ? items[i >> 1] : { index: { status: 429, error: { type: 'rejected_execution_exception', reason: 'full' } } },
    );
    return { ...answered, body: Buffer.from(JSON.stringify({ errors: true, items: some })) };
  };

  test.each([
    ['throttles', refused(429, 'busy')],
    ['is down', refused(503, 'down')],
    ['breaks the connection', brokenBefore],
    ['takes it, and breaks the connection', brokenAfter],
    ['throttles some', throttled],
  ])('and %s for a while, then all is written', async (_, fault) => {
    const made = await behind();
    proxy.next(BULK, fault, fault, fault);
    const documents = Array.from({ length: 7 }, (_, i) => page(`k${i}`));
    expect(await made.index.write(schema, documents)).toEqual(documents.map(() => DONE));
    expect(await keys(made)).toEqual(['first', ...documents.map(({ key }) => key)]);
    expect(made.slept.length).toBeGreaterThan(0);
  });

  test('and does not stop, then what is not written is said, after waits that grow', async () => {
    const made = await behind();
    proxy.always(async (request, forward) => (request.action === BULK ? refused(429, 'busy')(request, forward) : passed(request, forward)));
    expect(await made.index.write(schema, [page('a'), page('b')])).toEqual(Array(2).fill({ state: 'failed', reason: expect.any(String) }));
    expect(made.slept).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    proxy.always(null);
    expect(await keys(made)).toEqual(['first']);
  });

  test('and fills up, then it is told as a failure that passes, not as a document that is wrong', async () => {
    const made = await behind();
    const blocked = { index: { status: 403, error: { type: 'cluster_block_exception', reason: 'disk usage exceeded' } } };
    proxy.always(async (request, forward) => {
      if (request.action !== BULK) return passed(request, forward);
      return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ errors: true, items: [blocked] })) };
    });
    expect(await made.index.write(schema, [page('a')])).toEqual([{ state: 'failed', reason: 'cluster_block_exception: disk usage exceeded' }]);
  });

  test('and another index takes over while a write is on its way, then it reaches that one, and the old one stays gone', async () => {
    const made = await behind();
    const fresh = await made.index.begin(schema);
    proxy.next(BULK, async ({ body }, forward) => {
      expect(await made.index.finish(schema, fresh)).toBe(true);
      return forward(body);
    });
    expect(await made.index.write(schema, [page('late')])).toEqual([DONE]);
    expect(await keys(made)).toEqual(['late']);
    expect(Object.keys(await indexesOf(made.prefix))).toEqual([fresh]);
  });

  test('then a search tries again, and says so if that does not help; it never answers with a part', async () => {
    const made = await behind();
    await made.settle();
    let left = 2;
    proxy.always(async (request, forward) =>
      request.action.includes('_search') && left-- > 0 ? refused(503, 'down')(request, forward) : passed(request, forward),
    );
    expect((await made.index.search(schema, EVERYTHING)).total).toBe(1);
    left = 100;
    await expect(made.index.search(schema, EVERYTHING)).rejects.toThrow(SearchUnavailableError);
    proxy.always(async (request, forward) =>
      request.action.includes('_search')
        ? changed<object, object>(
            (x) => x,
            (answer) => ({ ...answer, timed_out: true }),
          )(request, forward)
        : passed(request, forward),
    );
    await expect(made.index.search(schema, EVERYTHING)).rejects.toThrow(SearchUnavailableError);
  });
});

describe('requests', () => {
  /** The headers of a request as a client makes it. */
  const headersOf = async (service: 'es' | 'aoss' | 'basic' | 'none', readCredentials: () => Promise<string>): Promise<IncomingHttpHeaders> => {
    const seen: IncomingHttpHeaders[] = [];
    const there = createServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>((resolve) => there.listen(0, '127.0.0.1', resolve));
    const made = await opensearchClient({
      endpoint: `http://127.0.0.1:${(there.address() as AddressInfo).port}`,
      service,
      region: 'eu-central-1',
      readCredentials,
    });
    await made.indices.refresh({ index: 'a' });
    await made.close();
    await new Promise((resolve) => there.close(resolve));
    return seen[0] ?? {};
  };
  const before = { ...process.env };
  beforeEach(() => Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' }));
  afterEach(() => {
    process.env = before;
  });

  test.each(['es', 'aoss'] as const)('are signed for %s by the credentials of the environment', async (service) => {
    const headers = await headersOf(service, readCredentials);
    expect(headers.authorization).toMatch(
      new RegExp(`^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\\d{8}/eu-central-1/${service}/aws4_request, SignedHeaders=.*host.*, Signature=[0-9a-f]{64}$`),
    );
    expect(headers).toMatchObject({ 'x-amz-security-token': 'session', 'x-amz-content-sha256': expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test('have a name and password, which may hold a colon, where a parameter says them', async () => {
    const { authorization } = await headersOf('basic', async () => 'name:pass:word');
    expect(Buffer.from(String(authorization).replace('Basic ', ''), 'base64').toString()).toBe('name:pass:word');
    expect((await headersOf('none', readCredentials)).authorization).toBeUndefined();
  });
});
