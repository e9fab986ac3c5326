import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

const pipelineOf = (n: z.ZodInt) => {
  const hit = event(z.object({ at: z.iso.datetime(), n }), { time: 'at' });
  return definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count(), n: sum(hit.n) } }) } });
};
const strict = pipelineOf(z.int().max(9));
const fixed = pipelineOf(z.int());
const NOW = Date.parse('2026-11-21T10:00:30.000Z');
const line = (n: number) => JSON.stringify({ at: '2026-11-21T09:00:00.000Z', n });

/** Three files of the reason `invalid`, of which the test damages the second: it holds 20 and 21. */
let world: System;
let damaged: string;
beforeEach(async () => {
  world = await system({ pipeline: strict, shards: 1, startMs: NOW });
  for (const some of [[10], [20, 21], [30]]) {
    await world.post('/events/hit', some.map(line).join('\n'), { 'content-type': 'application/x-ndjson' });
    world.advance(1_000);
  }
  damaged = (await keys('quarantine/'))[1] as string;
});
afterEach(() => world.close());

const keys = async (prefix: string) => {
  const found: string[] = [];
  for await (const { key } of world.lake.list(prefix, '')) found.push(key);
  return found;
};
const damage = async (change: (bytes: Buffer) => Uint8Array) => world.lake.put(damaged, change(Buffer.from((await world.lake.get(damaged)) as Uint8Array)));
const listed = async (query = '') => {
  const { status, body } = await world.get(`/quarantine?${query}`, {});
  return { status, bodies: (body.events ?? []).map(({ body: text }) => text), damaged: body.damaged, more: body.more };
};
const replay = async (request: object = {}) => (await world.post('/quarantine/replay', JSON.stringify(request), {})).body;
/** Changes the lines of a gzip file. */
const inside = (change: (lines: string[]) => readonly (string | Buffer)[]) => (bytes: Buffer) =>
  gzipSync(Buffer.concat(change(gunzipSync(bytes).toString().split('\n').slice(0, -1)).flatMap((one) => [Buffer.from(one), Buffer.from('\n')])));

const WHOLE: readonly [string, (bytes: Buffer) => Uint8Array, string][] = [
  ['a gzip that is cut off', (bytes) => bytes.subarray(0, bytes.length - 20), 'Expected a whole gzip, got: unexpected end of file'],
  [
    'a gzip with a bit that has changed',
    (bytes) => bytes.map((byte, i) => (i === bytes.length - 6 ? byte ^ 1 : byte)),
    'Expected a whole gzip, got: incorrect data check',
  ],
  ['a gzip with something behind it', (bytes) => Buffer.concat([bytes, Buffer.from('more')]), 'Expected a whole gzip, got: incorrect header check'],
  ['nothing in it', () => Buffer.alloc(0), 'Expected entries, got an empty file'],
];
const LINES: readonly [string, (line: string) => string | Buffer, string][] = [
  ['cut off', (one) => one.slice(0, 40), 'line 2: Expected JSON, got: '],
  ['no entry', () => '{"id":"x"}', 'line 2: Expected an entry, got: receivedAt '],
  ['of a reason that there is not', (one) => one.replace('"invalid"', '"none"'), 'line 2: Expected an entry, got: reason '],
  ['no text', (one) => Buffer.concat([Buffer.from(one.slice(0, -1)), Buffer.from([0xff]), Buffer.from('}')]), 'line 2: Expected well-formed UTF-8'],
];

test.each(WHOLE)('given a file that is %s, then the others are listed and replayed, and it is named and left as it is', async (_, change, message) => {
  await damage(change);
  const before = await world.lake.get(damaged);
  const named = [{ file: damaged, lines: null, message }];
  expect(await listed()).toEqual({ status: 200, bodies: [line(10), line(30)], damaged: named, more: false });
  expect((await world.get('/quarantine?by=reason', {})).body).toMatchObject({ reasons: [{ reason: 'invalid', count: 2 }], damaged: named });
  world.deploy(fixed, {});
  expect(await replay()).toMatchObject({ accepted: 2, replayed: 2, remaining: 0, damaged: named });
  expect(await world.lake.get(damaged)).toEqual(before);
  expect(await listed()).toEqual({ status: 200, bodies: [], damaged: named, more: false });
});

test.each(LINES)('given a line that is %s, then every other is listed and replayed, and the line stays as it is', async (_, change, message) => {
  await damage(inside(([first = '', second = '']) => [first, change(second)]));
  const bad = gunzipSync((await world.lake.get(damaged)) as Uint8Array);
  const named = [{ file: damaged, lines: 1, message: expect.stringContaining(message) }];
  expect(await listed()).toEqual({ status: 200, bodies: [line(10), line(20), line(30)], damaged: named, more: false });
  world.deploy(fixed, {});
  expect(await replay()).toMatchObject({ accepted: 3, replayed: 3, remaining: 0, damaged: named });
  const left = gunzipSync((await world.lake.get(damaged)) as Uint8Array);
  expect(left).toEqual(bad.subarray(bad.indexOf('\n') + 1));
  expect(await listed()).toMatchObject({ bodies: [], damaged: [{ file: damaged, lines: 1 }] });
  expect(await keys('quarantine/')).toEqual([damaged]);
});

test('given several lines that say no entry, then they are counted, and the first is told', async () => {
  await damage(inside(([first = '', second = '']) => ['', '{', first, '[]', second, 'null']));
  const { bodies, damaged: named } = await listed();
  expect(bodies).toEqual([line(10), line(20), line(21), line(30)]);
  expect(named).toEqual([{ file: damaged, lines: 3, message: expect.stringContaining('line 2: Expected JSON') }]);
});

test('given a range or a reason that leaves the damaged file out, then it is not named', async () => {
  await damage(() => Buffer.alloc(0));
  expect((await listed('reason=malformed')).damaged).toEqual([]);
  expect((await listed('to=2026-11-20')).damaged).toEqual([]);
  expect((await replay({ reason: 'time' })).damaged).toEqual([]);
});

test('given more damaged files than one answer names, then it says that there are more', async () => {
  for (let i = 0; i < 101; i++) await world.lake.put(`${damaged}${i}`, Buffer.alloc(0));
  const answer = await listed('limit=1000');
  expect([answer.damaged.length, answer.more]).toEqual([100, true]);
  expect(await replay()).toMatchObject({ more: true });
});

test('given a lake that cannot be read, then nothing is taken for damaged: the call fails', async () => {
  const get: typeof world.lake.get = (key) => (key === damaged ? Promise.reject(new Error('disk I/O error')) : world.lake.get(key));
  world.deploy(strict, { lake: { ...world.parts.lake, get } });
  expect((await listed()).status).toBe(500);
});
