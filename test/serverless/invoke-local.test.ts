import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2, DynamoDBStreamEvent, KinesisStreamEvent } from 'aws-lambda';
import pipeline from '#pipeline';
import { ingest } from '../../functions/ingest.ts';
import { fromApiGateway } from '../../shared/adapters/aws/api-gateway.ts';
import { fromDynamodb } from '../../shared/adapters/aws/dynamodb-changes.ts';
import { fromKinesis } from '../../shared/adapters/aws/kinesis-records.ts';
import { ROUTES } from '../../shared/api/routes.ts';
import { decodeRecord } from '../../shared/log/record.ts';
import type { NewRecord } from '../../shared/ports/event-log.ts';
import { entityId } from '../../shared/storage/entity-item.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { isLong } from '../support/long.ts';
import { sls } from '../support/sls.ts';
import { quiet } from '../support/world.ts';

// `npx sls invoke local -f NAME -p test/events/NAME.json`: each handler by itself, offline, on a data folder.

const eventOf = <E>(name: string) => JSON.parse(readFileSync(`test/events/${name}.json`, 'utf8')) as E;
/** What the example's lanes were counted with: those of a folder from before units. */
const LANES = { count: 4, own: null };

describe('the example events', () => {
  test.each(['ingest', 'query', 'generations', 'quarantine', 'events', 'explain', 'exclusions', 'lookups', 'letters', 'search'])(
    '%s.json asks for a route of that function',
    (name) => {
      const { routeKey, requestContext, rawPath } = eventOf<APIGatewayProxyEventV2>(name);
      expect(ROUTES.find(({ key }) => key === routeKey)?.function).toBe(name);
      expect(`${requestContext.http.method} ${rawPath}`).toMatch(new RegExp(`^${routeKey.replace(/\{\w+\}/g, '[^/]+')}$`));
    },
  );

  test.each(['aggregate', 'archive', 'materialize'])('%s.json holds the records that ingest makes of ingest.json, and a heartbeat', async (name) => {
    const appended: NewRecord[] = [];
    const { status } = await ingest({
      pipeline,
      telemetry: quiet,
      lanes: LANES,
      clock: Date.now,
      quarantine: { deliver: () => Promise.reject(new Error('Expected nothing to be rejected')) },
      log: {
        coding: 'gzip',
        append: async (records) => void appended.push(...records),
        shards: async () => [],
        appendToShards: async () => {},
        status: async () => ({ aheadMs: 0, floorMs: 0 }),
      },
    })(fromApiGateway(eventOf<APIGatewayProxyEventV2>('ingest')));
    expect(status).toBe(202);
    const example = fromKinesis(eventOf<KinesisStreamEvent>(name)).records.map(({ lane, data }) => ({ lane, lines: decodeRecord(data) }));
    const made = appended.map(({ lane, data }) => ({ lane: String(lane), lines: decodeRecord(data) })).sort((a, b) => (a.lane < b.lane ? -1 : 1));
    expect(example).toEqual([...made, { lane: 'heartbeat', lines: [] }]);
  });
});

test('index-entities.json holds a change of the pipeline’s own entity', () => {
  const { page } = pipeline.entities;
  const [change] = fromDynamodb(eventOf<DynamoDBStreamEvent>('index-entities'));
  expect(change?.after?.entity).toBe(page && entityId(page));
  expect(Object.keys(change?.after?.fields ?? {})).toEqual(page?.definition.fields.map(({ name }) => name));
});

test('without DATA_DIR they have a folder of their own, which is named', async () => {
  const folder = temporaryFolder();
  const own = join(process.cwd(), '.twinstream-invoke');
  const wasThere = existsSync(own);
  try {
    const { stdout, stderr } = await sls(['invoke', 'local', '-f', 'query', '-p', 'test/events/query.json'], {
      DATA_DIR: '',
      INIT_CWD: folder.path,
      LOG_LEVEL: 'warn',
    });
    expect(JSON.parse(stdout).statusCode).toBe(200);
    expect(stderr).toContain(`Data folder: ${own} `);
    expect([existsSync(join(own, 'log.db')), readdirSync(folder.path)]).toEqual([true, []]);
  } finally {
    if (!wasThere) rmSync(own, { recursive: true, force: true });
    folder.remove();
  }
});

// Each call takes two seconds: all of them are for a long run.
test('each handler answers, and aggregate counts what it is given once', async () => {
  const folder = temporaryFolder();
  const invoke = async (name: string) => {
    const { stdout } = await sls(['invoke', 'local', '-f', name, '-p', `test/events/${name}.json`], { DATA_DIR: folder.path, SHARDS: '2', LOG_LEVEL: 'warn' });
    return stdout.trim() === '' ? null : JSON.parse(stdout);
  };
  try {
    expect(await invoke('ingest')).toMatchObject({ statusCode: 202, body: JSON.stringify({ accepted: 3, rejected: 0, errors: [] }) });
    expect(await invoke('aggregate')).toEqual({ batchItemFailures: [] });
    expect(await invoke('aggregate')).toEqual({ batchItemFailures: [] });
    const counted = { rows: [{ edits: 3, added: 53 }] };
    expect(JSON.parse((await invoke('query')).body)).toMatchObject(counted);
    if (!isLong) return;
    expect(await invoke('page')).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(await invoke('archive')).toEqual({ batchItemFailures: [] });
    expect(await invoke('materialize')).toEqual({ batchItemFailures: [] });
    expect(await invoke('index-entities')).toEqual({ batchItemFailures: [] });
    expect(JSON.parse((await invoke('search')).body)).toMatchObject({ total: 1, hits: [{ key: 'Rallicula', entity: { added: 17 } }] });
    expect(await invoke('reindex')).toEqual(['page', 'editor'].map((entity) => ({ entity, documents: 3, refused: 0 })));
    expect(JSON.parse((await invoke('search')).body)).toMatchObject({ total: 1, hits: [{ key: 'Rallicula', entity: { added: 17 } }] });
    expect(JSON.parse((await invoke('exclusions')).body)).toMatchObject({ id: 'x000001', state: 'pending' });
    expect(JSON.parse((await invoke('events')).body)).toMatchObject({ events: expect.any(Array) });
    expect(JSON.parse((await invoke('explain')).body)).toMatchObject({ total: 0, events: [], cursor: null });
    expect(JSON.parse((await invoke('lookups')).body)).toMatchObject({ id: 'v000001', state: 'pending', rows: 2 });
    expect(JSON.parse((await invoke('letters')).body)).toEqual({ consumers: {}, letters: [] });
    expect(await invoke('heartbeat')).toEqual({ shards: 2 });
    expect(await invoke('recompute')).toBeNull();
    const answer = await invoke('query');
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject(counted);
    expect(await invoke('generations')).toMatchObject({ statusCode: 200 });
    expect(await invoke('quarantine')).toMatchObject({ statusCode: 200 });
  } finally {
    folder.remove();
  }
});
