import { gzipSync } from 'node:zlib';
import { random } from '../../testing/random.ts';
import type { System } from '../support/system.ts';
import { AT, bytesOf, ingesting, quarantineOf, storedEvents } from './world.ts';

/** Bodies that no honest client sends: each has a clear answer, its bytes are kept, and what stands beside it is not lost. */
let world: System;
beforeEach(async () => {
  world = await ingesting();
});
afterEach(() => world.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const NDJSON = { 'content-type': 'application/x-ndjson' };
const good = JSON.stringify({ at: AT, page: 'good' });
const r = random(1);
/** Bytes that are neither text nor several lines. */
const noise = Buffer.from(Array.from({ length: 5_000 }, () => r.integer(0x80, 0xff)));
const isAlive = async () => expect(await world.post('/events/visit', good, JSON_TYPE)).toMatchObject({ status: 202, body: { accepted: 1 } });

describe('given a body that cannot be read at all, then 400 says why, nothing is stored, and its bytes stand in quarantine', () => {
  const gzip = { 'content-encoding': 'gzip' };
  const whole = gzipSync(`${good}\n${good}`);
  test.each<[string, string | Buffer, Record<string, string>, string]>([
    ['garbage text', 'this is no JSON', JSON_TYPE, 'Expected a JSON object, an array of objects, or one object a line: Unexpected token'],
    ['random bytes', noise, JSON_TYPE, 'Expected'],
    ['a NUL', '\0', JSON_TYPE, 'Expected a JSON object, an array of objects, or one object a line'],
    ['an empty body', '', JSON_TYPE, 'Expected events, got an empty body'],
    ['only blanks', ' \r\n\t\n', JSON_TYPE, 'Expected events, got an empty body'],
    ['only a byte order mark', '\ufeff', JSON_TYPE, 'Expected events, got an empty body'],
    ['JSON that is cut off', '[{"at":"', JSON_TYPE, 'Expected a JSON object, an array of objects, or one object a line'],
    ['an array with a comma too many', `[${good},]`, JSON_TYPE, 'Expected a JSON object, an array of objects, or one object a line'],
    ['single quotes', "{'at':1}", JSON_TYPE, 'Expected a JSON object, an array of objects, or one object a line'],
    ['wrong UTF-8', Buffer.from([0x7b, 0xc3, 0x28, 0x7d]), JSON_TYPE, 'Expected a body of well-formed UTF-8'],
    ['UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le'), { 'content-type': 'application/json; charset=utf-16' }, 'Expected a body of well-formed UTF-8'],
    ['plain text that says it is gzip', good, gzip, 'Expected a gzip body, as Content-Encoding says, got one that does not inflate'],
    [
      'gzip that was taken for text',
      Buffer.from(whole.toString()),
      gzip,
      'Expected a gzip body, as Content-Encoding says, got one that was taken for text on its way, which replaced its bytes. Send it as Content-Type: application/x-ndjson',
    ],
    ['gzip that is cut off', whole.subarray(0, -9), gzip, 'Expected a gzip body, as Content-Encoding says, got one that does not inflate'],
    [
      'gzip with a wrong checksum',
      Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8, 7)]),
      gzip,
      'Expected a gzip body, as Content-Encoding says, got one that does not inflate',
    ],
    [
      'a second gzip member that is cut off',
      Buffer.concat([whole, whole.subarray(0, -9)]),
      gzip,
      'Expected a gzip body, as Content-Encoding says, got one that does not inflate',
    ],
    ['gzip of nothing', gzipSync(''), gzip, 'Expected events, got an empty body'],
    ['plain text that says it is Brotli', good, { 'content-encoding': 'br' }, 'Expected a br body, as Content-Encoding says, got one that does not inflate'],
  ])('%s', async (_, body, headers, detail) => {
    const reply = await world.post('/events/visit', body, headers);
    expect([reply.status, reply.headers.get('content-type'), reply.body.type]).toEqual([400, 'application/problem+json', 'urn:twinstream:problem:bad-request']);
    expect(reply.body.detail.startsWith(detail) || reply.body.detail).toBe(true);
    expect(await storedEvents(world)).toEqual([]);
    const [entry, ...others] = await quarantineOf(world);
    expect([others, entry?.reason, entry?.type]).toEqual([[], 'malformed', 'visit']);
    expect(bytesOf(entry as never).equals(Buffer.from(body))).toBe(true);
    await isAlive();
  });
});

describe('given one bad event among good ones, then it is rejected with its index and path, its bytes stand in quarantine, and the good ones are stored', () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
  const visit = (extra: string) => `{"at":"${AT}","page":"p"${extra}}`;
  test.each<[string, string, { path?: string; message: string }, string]>([
    ['JSON that is cut off', '{"at":', { message: expect.stringContaining('Expected a JSON object on each line: ') }, 'malformed'],
    ['text', '"text"', { message: 'Expected a JSON object, got string "text"' }, 'malformed'],
    ['null', 'null', { message: 'Expected a JSON object, got null' }, 'malformed'],
    ['a number', '12', { message: 'Expected a JSON object, got number 12' }, 'malformed'],
    ['a missing field', `{"at":"${AT}"}`, { path: 'page', message: 'Invalid input: expected string, received undefined' }, 'invalid'],
    ['a field of another kind', visit(',"n":"1"'), { path: 'n', message: 'Invalid input: expected number, received string' }, 'invalid'],
    [
      'a nested field of another kind',
      visit(',"geo":{"country":1}'),
      { path: 'geo.country', message: 'Invalid input: expected string, received number' },
      'invalid',
    ],
    ['too many decimals', visit(',"price":1.005'), { path: 'price', message: expect.stringContaining('Expected a number with at most 2 decimals') }, 'invalid'],
    ['a name twice', visit(',"x":1,"x":1'), { path: 'x', message: 'Expected each name once, got "x" again' }, 'malformed'],
    [
      'a name twice, written differently',
      visit(',"geo":{"x":1,"\\u0078":2}'),
      { path: 'geo.x', message: 'Expected each name once, got "x" again' },
      'malformed',
    ],
    ['a known name twice', visit(`,"at":"${AT}"`), { path: 'at', message: 'Expected each name once, got "at" again' }, 'malformed'],
    [
      'a whole number past 2^53 in a field of whole numbers',
      visit(',"n":9007199254740993'),
      { path: 'n', message: expect.stringContaining('Too big: expected int to be') },
      'invalid',
    ],
    ['nesting past 64 levels', visit(`,"x":${deep(64)}`), { message: 'Expected JSON nested at most 64 levels deep' }, 'malformed'],
    ['nesting of 10,000 levels', visit(`,"x":${deep(10_000)}`), { message: 'Expected JSON nested at most 64 levels deep' }, 'malformed'],
  ])('%s', async (_, bad, error, reason) => {
    for (const [body, headers] of [
      [`${good}\n${bad}\n${good}\n`, NDJSON],
      [`[${good}, ${bad}, ${good}]`, JSON_TYPE],
    ] as const) {
      // In an array, a text that is no JSON spoils the whole.
      if (bad === '{"at":' && headers === JSON_TYPE) continue;
      const reply = await world.post('/events/visit', body, headers);
      expect([reply.status, reply.body]).toEqual([202, { accepted: 2, rejected: 1, errors: [{ index: 1, ...error }] }]);
    }
    const entries = await quarantineOf(world);
    for (const entry of entries) {
      expect([entry.reason, entry.type, entry.errors]).toEqual([reason, 'visit', [expect.objectContaining({ index: 1, ...error })]]);
      expect(bytesOf(entry).toString()).toBe(bad);
    }
    expect(entries.length).toBeGreaterThan(0);
  });

  test('wrong UTF-8 in one line of NDJSON', async () => {
    const bad = Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]);
    const body = Buffer.concat([Buffer.from(`${good}\n`), bad, Buffer.from(`\n${good}`)]);
    const reply = await world.post('/events/visit', body, NDJSON);
    expect([reply.status, reply.body]).toEqual([202, { accepted: 2, rejected: 1, errors: [{ index: 1, message: 'Expected well-formed UTF-8' }] }]);
    const [entry] = await quarantineOf(world);
    expect(bytesOf(entry as never).equals(bad)).toBe(true);
  });
});

test('given numbers that only look like others (2^53−1, 1.0, 1e2, -0, 0.1), then they are taken as what they are', async () => {
  const body = `{"at":"${AT}","page":"p","a":9007199254740991,"b":1.0,"c":1e2,"d":-0,"e":0.1,"f":-9007199254740991,"g":12345678901234567890.5}`;
  expect((await world.post('/events/visit', body, JSON_TYPE)).status).toBe(202);
  expect((await storedEvents(world))[0]?.data).toMatchObject({ a: 9007199254740991, b: 1, c: 100, d: 0, e: 0.1, f: -9007199254740991 });
});

test('given names of JavaScript objects for fields, then they are fields like others, and nothing is polluted', async () => {
  const body = `{"at":"${AT}","page":"p","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x","geo":{"__proto__":{"country":"XX"}}}`;
  expect((await world.post('/events/visit', body, JSON_TYPE)).status).toBe(202);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  const [event] = await storedEvents(world);
  expect(Object.keys(event?.data ?? {})).toEqual(['at', 'page', '__proto__', 'constructor', 'toString', 'geo', 'n']);
  expect(JSON.stringify(event?.data.geo)).toBe('{"__proto__":{"country":"XX"},"country":"unknown"}');
});

test('given lone surrogates, in values, names and ids, then each becomes U+FFFD, which every engine reads alike', async () => {
  const body = `{"specversion":"1.0","id":"i\\ud83d","source":"/s","type":"visit","data":{"at":"${AT}","page":"\\udc00x\\ud83d\\ude00","k\\ud800":["\\ud83d"]}}`;
  expect((await world.post('/events', body, JSON_TYPE)).status).toBe(202);
  expect(await storedEvents(world)).toMatchObject([{ id: 'i\ufffd', subject: '\ufffdx😀', data: { page: '\ufffdx😀', 'k\ufffd': ['\ufffd'] } }]);
});

test('given data with quotes, newlines and separators of lines, then a record still holds one event a line', async () => {
  const page = '"\n\r\u2028\u2029\\n{"a":1}\n';
  await world.post('/events/visit', JSON.stringify([{ at: AT, page }, JSON.parse(good)]), JSON_TYPE);
  expect((await storedEvents(world)).map(({ data }) => data.page).sort()).toEqual([page, 'good'].sort());
});

test('given a binary CloudEvent whose body is no JSON, or wrong UTF-8, or an array, or empty, then it is refused', async () => {
  const ce = { 'ce-specversion': '1.0', 'ce-id': 'a', 'ce-source': '/s', 'ce-type': 'visit', 'content-type': 'application/json' };
  const statuses = [];
  for (const body of ['<xml/>', Buffer.from([0xc3, 0x28]), '[]', '']) statuses.push((await world.post('/events', body, ce)).status);
  expect(statuses).toEqual([400, 400, 422, 422]);
  expect(await storedEvents(world)).toEqual([]);
});

test('given a binary CloudEvent with a name twice, or a header that does not decode, then it is judged like any other', async () => {
  const ce = { 'ce-specversion': '1.0', 'ce-id': '100%', 'ce-source': '/s', 'ce-type': 'visit', 'content-type': 'application/json' };
  expect((await world.post('/events', good, ce)).status).toBe(202);
  expect((await storedEvents(world)).map(({ id }) => id)).toEqual(['100%']);
  const twice = await world.post('/events', `{"at":"${AT}","page":"p","page":"q"}`, ce);
  expect([twice.status, twice.body.errors]).toEqual([422, [{ index: 0, path: 'data.page', message: 'Expected each name once, got "page" again' }]]);
});

test('given nesting of 100,000 levels, a name twice or a number past 2^53 where no text shows it, then each is still found', async () => {
  const ce = { 'ce-specversion': '1.0', 'ce-id': 'a', 'ce-source': '/s', 'ce-type': 'visit', 'content-type': 'application/json' };
  const nested = `{"at":"${AT}","page":"p","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const coded = (data: string | Buffer) =>
    JSON.stringify({ specversion: '1.0', id: 'a', source: '/s', type: 'visit', data_base64: Buffer.from(data).toString('base64') });
  const errors = async (body: string, headers: Record<string, string>) => (await world.post('/events', body, headers)).body.errors;
  const tooDeep = [{ index: 0, message: 'Expected JSON nested at most 64 levels deep' }];
  expect(await errors(nested, ce)).toEqual(tooDeep);
  expect(await errors(coded(nested), JSON_TYPE)).toEqual(tooDeep);
  expect(await errors(coded(`{"at":"${AT}","page":"p","x":1,"x":9007199254740993}`), JSON_TYPE)).toMatchObject([
    { index: 0, path: 'data.x', message: 'Expected each name once, got "x" again' },
  ]);
  for (const data of ['<xml/>', Buffer.from([0x7b, 0xc3, 0x28, 0x7d])])
    expect(await errors(coded(data), JSON_TYPE)).toEqual([{ index: 0, path: 'data', message: 'Expected a JSON object, got nothing that is JSON' }]);
});

test('given millions of repeated names, deep down, then the first ten are told, quickly', async () => {
  const twice = `{"a":1${',"a":1'.repeat(600_000)}}`;
  for (const body of [
    `{"at":"${AT}","page":"p","x":${twice}}`,
    `[{"at":"${AT}","page":"p","x":${twice}}]`,
    `[${'{"a":'.repeat(300_000)}${twice.slice(0, 1_800_000)}}${'}'.repeat(300_000)}]`,
  ]) {
    const { status, body: reply } = await world.post('/events/visit', body, JSON_TYPE);
    expect([status, reply.errors.length <= 10]).toEqual([422, true]);
  }
});

test('given a flood of hostile bodies at once, with good ones between, then every good one is stored', async () => {
  const hostile = [noise, Buffer.from('['.repeat(100_000)), Buffer.from('{"a":'.repeat(100_000)), Buffer.alloc(1_000_000, '9'), Buffer.from('"\\u')];
  const replies = await Promise.all(
    Array.from({ length: 60 }, (_, i) => world.post('/events/visit', i % 3 === 0 ? good : (hostile[i % hostile.length] as Buffer), JSON_TYPE)),
  );
  for (const [i, { status }] of replies.entries()) expect([i, status]).toEqual([i, i % 3 === 0 ? 202 : i % hostile.length === 3 ? 422 : 400]);
  expect(await storedEvents(world)).toHaveLength(20);
});
