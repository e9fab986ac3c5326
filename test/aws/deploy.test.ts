import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import type { Body } from '../../testing/body.ts';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { DAY, QUESTIONS, sampleEdits, settle } from '../support/sample.ts';
import { until } from '../support/until.ts';
import { type Account, type Api, apiOf, startAccount, within } from './deployment.ts';
import { localClient } from './local-client.ts';
import { mutations, uses } from './permissions.ts';

// `npx sls deploy`, then the sample over HTTP at what stands there. A real Trino is its Athena; IAM is enforced.

const BATCH = 500;
/** As many as the emulator's tables take in a minute: each edit is a write of two entities. */
const edits = sampleEdits().slice(0, 6_000);
const batches = Array.from({ length: Math.ceil(edits.length / BATCH) }, (_, i) => edits.slice(i * BATCH, (i + 1) * BATCH));
const say = (line: string) => void process.stdout.write(`  ${line}\n`);

/** The sample's batches, sent one after the other; answers how long each took, in ms, sorted. */
const postSample = async (api: Pick<Api, 'post'>): Promise<number[]> => {
  const took: number[] = [];
  for (const [i, batch] of batches.entries()) {
    const startedAt = performance.now();
    const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': `sample-${i}` };
    const { status, json } = await api.post('/events/edit', batch.map((edit) => `${JSON.stringify(edit)}\n`).join(''), headers);
    took.push(performance.now() - startedAt);
    expect({ status, accepted: json.accepted }).toEqual({ status: 202, accepted: batch.length });
  }
  return took.sort((a, b) => a - b);
};
const rowsOf = async (api: Pick<Api, 'get'>) => {
  const rows = [];
  for (const question of QUESTIONS) rows.push((await api.get(question)).json.rows);
  return rows;
};

/** An entity, searches, and how often pages were edited by all that is found. */
const entitiesOf = async (api: Pick<Api, 'get'>) => {
  const [{ page = '' } = {}] = edits;
  const one = (await api.get(`/entities/page/${encodeURIComponent(page)}`)).json;
  const { json } = await api.get('/entities/editor?order=-edits&limit=5');
  let pages = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const found: Body<{ edits: number }> = (await api.get<{ edits: number }>(`/entities/page?limit=1000${query}`)).json;
    for (const { entity } of found.hits) pages += entity.edits;
    cursor = found.cursor;
  }
  const found = (await api.get('/entities/page?q=%22wikipedia+administrators%22&limit=1000')).json.hits.map(({ key }) => key).sort();
  return { one, editors: [json.total, json.hits], pages, found };
};

/**
 * What MiniStack does not ask for: logs, reading streams for a mapping, failure destinations. What the Athena of this test
 * does in its own name. And what a run of the batch layer needs only when there is something new.
 */
const NOT_ASKED_FOR = [
  /^\w+ logs:/,
  /^(aggregate|archive|materialize) (kinesis|sqs):/,
  /^archive s3:(PutObject aws\/lambda|ListBucket)/,
  /^reindex (sqs|firehose|lambda):/,
  /^recompute (athena|glue|sqs):/,
  /^recompute s3:.* (raw|athena-results)\/\*/,
  /^recompute s3:(ListBucket|GetBucketLocation|ListBucketMultipartUploads|AbortMultipartUpload|ListMultipartUploadParts|PutObject|DeleteObject)/,
  // An event that the window of duplicates knows is folded into nothing, and refused by nothing; parents are asked for at the start of a shard.
  /^letters (dynamodb:.*Entities|firehose:|sqs:ChangeMessageVisibility$|kinesis:(GetRecords|ListShards))/,
  /^recompute (lambda:InvokeFunction|dynamodb:UpdateItem)/,
  // No metric of this pipeline looks anything up.
  /^aggregate s3:GetObject lookups/,
  // Only a file that is found damaged is noted.
  /^query dynamodb:PutItem/,
];

let account: Account;
let url: string;
let write: Api;
let read: Api;
let admin: Api;
let host: Host;
const folder = temporaryFolder();
/** What one machine answers. */
let expected: unknown[];
let expectedEntities: unknown;

beforeAll(async () => {
  host = await startHost({ DATA_DIR: folder.path, EPOCH: '1h', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn' });
  await postSample(host);
  await until(async () => (await entitiesOf(host)).pages === edits.length);
  expectedEntities = await entitiesOf(host);
  await settle(host, 'settled');
  expected = await rowsOf(host);
  await host.stop();

  account = await startAccount();
  const seconds = await account.deploy();
  say(`deployed in ${seconds.toFixed(1)} s`);
  ({ url } = await account.outputs());
  // All of them before the first call: the authorizer looks for new ones now and then only.
  [write, read, admin] = [
    apiOf(url, await account.createToken('write')),
    apiOf(url, await account.createToken('read')),
    apiOf(url, await account.createToken('admin')),
  ];
});
afterAll(async () => {
  await host?.kill();
  folder.remove();
  await account?.stop();
});

test('nobody gets in without a token of the right scope', async () => {
  expect((await apiOf(url, null).get('/health')).status).toBe(200);
  expect((await apiOf(url, null).get('/openapi.json')).json.openapi).toBe('3.1.0');
  expect((await apiOf(url, null).get('/metrics')).status).toBe(401);
  expect((await apiOf(url, 'no-such-token').get('/metrics')).status).toBe(403);
  expect((await write.get('/metrics')).status).toBe(403);
  expect((await read.get('/metrics')).status).toBe(200);
  expect((await read.post('/recompute', '')).status).toBe(403);
  expect((await read.post('/events/edit', '{}', { 'content-type': 'application/json' })).status).toBe(403);
  expect((await write.post('/events/edit', '{}', { 'content-type': 'application/json' })).status).toBe(422);
});

test('the sample gives the answers of one machine, from the speed layer', async () => {
  const took = await postSample(write);
  const at = (p: number) => (took[Math.ceil(p * took.length) - 1] ?? Number.NaN).toFixed(0);
  say(`POST of ${BATCH} events: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  await within(60, async () => (await admin.get(`/metrics/edits?${DAY}&every=all&measures=edits`)).json.rows?.[0]?.edits === edits.length);
  expect(await rowsOf(admin)).toEqual(expected);
});

test('every page and editor is found as on one machine: log to table to stream to index', async () => {
  // Until the deploy has built the first index, a search says that it cannot answer yet.
  await within(120, async () => (await entitiesOf(admin).catch(() => null))?.pages === edits.length);
  expect(await entitiesOf(admin)).toEqual(expectedEntities);
  expect((expectedEntities as { pages: number }).pages).toBe(edits.length);
});

test('and the very same from the batch layer', async () => {
  const { status, json } = await admin.post('/recompute', '');
  expect(status).toBe(202);
  const generation = await published(json.id);
  expect(generation).toMatchObject({ drift: 0, counts: { damaged: 0 } });
  expect(await rowsOf(admin)).toEqual(expected);
  const { provenance } = (await admin.get(QUESTIONS[0] as string)).json;
  // Perhaps from a newer one: the batch layer goes on until there is nothing new.
  expect((provenance.generation ?? '') >= json.id).toBe(true);
  expect(provenance.windows.speed).toBe(0);
});

test('logs hold metrics, and neither events nor tokens', async () => {
  const logs = new Map<string, string>();
  for (const name of ['authorize', 'ingest', 'aggregate']) logs.set(name, await account.logs(name));
  expect(logs.get('ingest')).toMatch(/"Namespace":"Twinstream".*"service":"twinstream-test","accepted":500/);
  // A count of 0 is not written.
  expect(logs.get('aggregate')).toMatch(/"folded":\d+/);
  for (const text of logs.values()) {
    for (const { page, user } of edits.slice(0, 1_000)) expect(text.includes(`"${page}"`) || text.includes(`"${user}"`)).toBe(false);
    expect(text).not.toMatch(/twinstream_(write|read|admin)_|Bearer/i);
  }
});

test('and tables for other tools hold the same', async () => {
  const { json } = await admin.get(`/metrics/edits?${DAY}&every=all&by=channel,robot&measures=edits`);
  const expectedRows = json.rows.map(({ channel, robot, edits }) => `${channel} ${robot} ${edits}`);
  const rows = await within(60, async () => {
    const found = await account.rows(
      "SELECT channel, CAST(robot AS varchar) AS robot, sum(edits) AS edits FROM batch_edits_1h WHERE window_start BETWEEN '2015-09-12T00:00' AND '2015-09-12T23:00' GROUP BY 1, 2",
    );
    return found.length > 0 ? found : null;
  });
  expect(rows.map(({ channel, robot, edits }) => `${channel} ${robot} ${edits}`).sort()).toEqual(expectedRows.sort());
});

/** Lets time pass in the log, and the batch layer look for what is due, as their schedules do. */
const published = (id: string) =>
  within(240, async () => {
    await account.invoke('heartbeat', {});
    await account.invoke('recompute', {});
    const { generations } = (await admin.get('/generations')).json;
    const generation = generations.find((one: { id: string }) => one.id === id);
    if (generation?.state === 'failed') throw new Error(`The recompute failed: ${generation.error}`);
    return generation?.state === 'published' ? generation : null;
  });

/** Nothing is new to the batch layer, and no run is under way. */
const idle = () =>
  within(240, async () => {
    const { generations } = (await admin.get('/generations')).json;
    const isBusy = generations.some(({ state }: { state: string }) => state === 'running' || state === 'requested');
    return !isBusy && (await account.invoke('recompute', {})) === null;
  });

test('a function that lacks one permission fails, but for those that the emulator does not ask for', async () => {
  const { bucket } = await account.outputs();
  const roles = await account.iam.roles();
  const survivors: string[] = [];
  let tried = 0;
  await idle();
  for (const [name, use] of Object.entries(uses(account, admin, bucket))) {
    await use();
    const role = roles.find((one) => one.toLowerCase().startsWith(`twinstream-test-${name}role`)) ?? '';
    const whole = await account.iam.policy(role, name);
    for (const { removed, policy } of mutations(whole)) {
      tried++;
      await account.iam.putPolicy(role, name, policy);
      const isCaught = await use().then(
        () => false,
        () => true,
      );
      if (!isCaught) survivors.push(`${name} ${removed}`);
    }
    await account.iam.putPolicy(role, name, whole);
  }
  say(`${tried - survivors.length} of ${tried} permissions were missed when they were gone`);
  expect(survivors.filter((survivor) => !NOT_ASKED_FOR.some((pattern) => pattern.test(survivor)))).toEqual([]);
  expect(tried - survivors.length).toBeGreaterThan(25);
});

test('a deploy over it loses nothing, and goes on counting', async () => {
  say(`deployed again in ${(await account.deploy()).toFixed(1)} s`);
  expect(await rowsOf(admin)).toEqual(expected);
  const [late] = edits;
  const { status } = await admin.post('/events/edit', JSON.stringify(late), { 'content-type': 'application/json' });
  expect(status).toBe(202);
  const question = `/metrics/edits?${DAY}&every=all&measures=edits`;
  const answer = await within(60, async () => {
    const { json } = await admin.get(question);
    return json.rows[0]?.edits === edits.length + 1 ? json : null;
  });
  expect(answer.provenance.windows).toEqual({ batch: 1, speed: 1 });
});

test('and removing it leaves nothing, as the stage is one to throw away', async () => {
  await account.remove();
  const at = localClient(account.ministack.endpoint);
  expect((await account.s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  expect((await new DynamoDBClient(at).send(new ListTablesCommand({}))).TableNames).toEqual([]);
  expect((await new KinesisClient(at).send(new ListStreamsCommand({}))).StreamNames).toEqual([]);
  expect((await account.iam.roles()).filter((name) => name.startsWith('twinstream'))).toEqual([]);
});
