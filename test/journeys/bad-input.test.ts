import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { feed } from '../support/host.ts';
import { sampleEdits, settle } from '../support/sample.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
const env = { DATA_DIR: folder.path, EPOCH: '1s', RECOMPUTE_EVERY: '1h', SHARDS: '1', LOG_LEVEL: 'error' };
let host: Host;
beforeAll(async () => {
  host = await startHost(env);
});
afterAll(async () => {
  await host?.kill();
  folder.remove();
});

const [sample] = sampleEdits();
const TIME = '2016-01-02T03:04:05.000Z';
const edit = (fields: object) => JSON.stringify({ ...sample, time: TIME, channel: '#bad.input', ...fields });
const counted = async (): Promise<number> =>
  (await host.get<{ edits: number }>('/metrics/edits?from=2016-01-01&to=2016-02-01&every=all&measures=edits&filter[channel]=%23bad.input')).json.rows[0]
    ?.edits ?? 0;
const KIND = 'urn:twinstream:problem:';

/** Sends a body of so many bytes to its end, and answers the status. */
const upload = (bytes: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(host.url).port), '127.0.0.1');
    let answer = '';
    let left = bytes;
    const chunk = Buffer.alloc(1 << 20, 0x61);
    const write = (): void => {
      while (left > 0) {
        const size = Math.min(left, chunk.length);
        left -= size;
        if (!socket.write(chunk.subarray(0, size))) return void socket.once('drain', write);
      }
      socket.end();
    };
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])));
    socket.write(`POST /events/edit HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${bytes}\r\n\r\n`);
    write();
  });

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const deep = edit({}).replace(/}$/, `,"extra":${nested(100)}}`);
const repeated = edit({}).replace('"added"', '"page":"Again","added"');
const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

test.each<[string, string, string | Uint8Array, Record<string, string>, number, string]>([
  ['garbage', '/events/edit', '\u0001\u0002 not json', {}, 400, 'bad-request'],
  ['an empty body', '/events/edit', '', {}, 400, 'bad-request'],
  ['a body that is no gzip', '/events/edit', 'plain', { 'content-encoding': 'gzip' }, 400, 'bad-request'],
  ['an encoding that is not known', '/events/edit', '{}', { 'content-encoding': 'br' }, 400, 'bad-request'],
  ['a gzip bomb', '/events/edit', gzipSync(Buffer.alloc(64 << 20, 0x20)), { 'content-encoding': 'gzip' }, 413, 'too-large'],
  ['more than 4 MB', '/events/edit', 'a'.repeat(5 << 20), {}, 413, 'too-large'],
  ['more than 20,000 events', '/events/edit', '{}\n'.repeat(20_001), { 'content-type': 'application/x-ndjson' }, 413, 'too-large'],
  ['an event of more than 256 KB', '/events/edit', edit({ comment: 'x'.repeat(300_000) }), {}, 413, 'too-large'],
  ['deep nesting', '/events/edit', deep, {}, 422, 'invalid-events'],
  ['deep nesting without an end', '/events/edit', '['.repeat(200_000), {}, 400, 'bad-request'],
  ['wrong UTF-8', '/events/edit', bytes('{"page":"', [0xff, 0xfe], '"}'), {}, 400, 'bad-request'],
  ['a name twice', '/events/edit', repeated, {}, 422, 'invalid-events'],
  ['a number beyond 2^53', '/events/edit', edit({}).replace(/"added":\d+/, '"added":9007199254740993'), {}, 422, 'invalid-events'],
  ['a number beyond a double', '/events/edit', edit({}).replace(/"added":\d+/, '"added":1e999'), {}, 422, 'invalid-events'],
  ['a time two days ahead', '/events/edit', edit({ time: new Date(Date.now() + 2 * 86_400_000).toISOString() }), {}, 422, 'invalid-events'],
  ['a field of the wrong kind', '/events/edit', edit({ added: '12' }), {}, 422, 'invalid-events'],
  ['a type that there is not', '/events/purchase', '{}', {}, 404, 'not-found'],
  ['a CloudEvent without its attributes', '/events', '{"data":{}}', { 'content-type': 'application/cloudevents+json' }, 422, 'invalid-events'],
])('%s gets its own clear error', async (_, path, body, headers, status, kind) => {
  const answer = await host.post(path, body, headers);
  expect([answer.status, answer.json?.type, answer.headers.get('content-type')]).toEqual([status, KIND + kind, 'application/problem+json']);
  expect(answer.json.detail.length).toBeGreaterThan(20);
});

test('a body of 100 MB is refused while the host lives', async () => {
  expect(await upload(100 << 20)).toBe(413);
  expect((await host.get('/health')).json.status).toBe('ok');
});

test('given good and bad lines in one body, then the good ones count, and each bad one is named and kept', async () => {
  const before = await counted();
  const lines = [edit({}), '{"broken', edit({ added: 'many' }), edit({ page: 'Ünïcødé 🙂 "quoted"' }), '[]', 'null'];
  const { status, json } = await host.post('/events/edit', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  expect([status, json.accepted, json.rejected]).toEqual([202, 2, 4]);
  expect(json.errors.map(({ index, path }) => [index, path])).toEqual([
    [1, undefined],
    [2, 'added'],
    [4, undefined],
    [5, undefined],
  ]);
  await settle(host, 'after bad lines');
  expect(await counted()).toBe(before + 2);
});

test('everything that was refused stands in quarantine by its reason, with its original bytes', async () => {
  const { json } = await host.get('/quarantine?limit=1000');
  const reasons = new Set(json.events.map(({ reason }) => reason));
  expect([...reasons].sort()).toEqual(['invalid', 'malformed', 'time', 'too-large', 'unknown-type']);
  expect(json.events.some(({ body }) => body === '{"broken')).toBe(true);
  expect(json.events.some(({ body }) => body === repeated)).toBe(true);
  const onlyTime = await host.get('/quarantine?reason=time');
  expect(onlyTime.json.events.map(({ reason }) => reason)).toEqual(['time']);
});

test('a replay after the fix takes in what is good now, once, however often it is run', async () => {
  expect(await host.stop()).toBe(0);
  host = await startHost({ ...env, PIPELINE: 'test/support/orders.ts' });
  const unknown = await host.post('/events/edit', [edit({ page: 'one' }), edit({ page: 'two' })].join('\n'), { 'content-type': 'application/x-ndjson' });
  expect(unknown.status).toBe(404);
  expect(await host.stop()).toBe(0);
  host = await startHost(env);
  // Edits were not folded meanwhile, so the batch layer has to fill the gap first.
  await until(async () => (await host.get('/metrics/edits')).status === 200);
  const before = await counted();
  for (let run = 0; run < 2; run++) {
    const { status, json } = await host.post('/quarantine/replay', JSON.stringify({ reason: 'unknown-type' }));
    expect(status).toBe(200);
    expect(json.accepted).toBe(run === 0 ? 2 : json.accepted);
    await settle(host, `after replay ${run}`);
    expect(await counted()).toBe(before + 2);
  }
});

test('a query with a wrong parameter is told which, and the right form', async () => {
  for (const [query, name] of [
    ['every=2x', 'every'],
    ['from=tomorrow', 'from'],
    ['from=2015-09-13&to=2015-09-12', 'to'],
    ['by=planet', 'by'],
    ['measures=all', 'measures'],
    ['order=-planet', 'order'],
    ['limit=0', 'limit'],
    ['tz=Mars/Olympus', 'tz'],
    ['filter[planet]=x', 'filter[planet]'],
    ['form=2015-09-12', 'form'],
  ] as const) {
    const { status, json } = await host.get(`/metrics/edits?${query}`);
    expect([query, status, json.detail.includes(name), /expected/i.test(json.detail)]).toEqual([query, 400, true, true]);
  }
});

test('the feed says which lines were refused and why', async () => {
  const feeding = feed(['-', '--url', host.url, '--type', 'edit'], env);
  feeding.child.stdin.end(`${edit({ page: 'fed' })}\n${edit({ user: 7 })}\n`);
  const { code, printed } = await feeding.ended;
  expect(code).toBe(0);
  expect(printed).toMatch(/line 2, user: .*expected string/i);
  expect(printed).toMatch(/1 events accepted, 1 rejected/);
  await until(async () => (await counted()) > 0);
});
