import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import type { System } from '../support/system.ts';
import { AT, bytesOf, ingesting, linesIn, quarantineOf, storedEvents } from './world.ts';

// What clients of other systems and of other languages send, and what it means.

let world: System;
beforeEach(async () => {
  world = await ingesting();
});
afterEach(() => world.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
const BINARY = { ...JSON_TYPE, 'ce-specversion': '1.0', 'ce-id': 'e1', 'ce-source': '/s', 'ce-type': 'visit' };
const data = { at: AT, page: 'p' };
const envelope = { specversion: '1.0', id: 'e1', source: '/s', type: 'visit', data };
const accepted = (n: number) => ({ status: 202, body: { accepted: n, rejected: 0, errors: [] } });
const ids = async () => (await storedEvents(world)).map(({ id }) => id);

describe('CloudEvents over HTTP', () => {
  test.each(['subject', 'time', 'datacontenttype', 'dataschema', 'data_base64', 'traceparent'])(
    'given null for %s, then the attribute is unset',
    async (name) => {
      expect(await world.post('/events', JSON.stringify({ ...envelope, [name]: null }), STRUCTURED)).toMatchObject(accepted(1));
      const [event] = await storedEvents(world);
      expect([event?.subject, event?.time, Object.hasOwn(event ?? {}, 'traceparent')]).toEqual(['p', AT, false]);
    },
  );

  test.each([
    ['structured', STRUCTURED, JSON.stringify(envelope)],
    ['batch', { 'content-type': 'application/cloudevents-batch+json' }, JSON.stringify([envelope])],
  ])('given %s mode with attributes in headers beside it, then the content type decides', async (_, type, body) => {
    expect(await world.post('/events', body, { ...BINARY, ...type })).toMatchObject(accepted(1));
    expect(await storedEvents(world)).toMatchObject([{ id: 'e1', source: '/s', data }]);
  });

  test.each([
    ['binary', BINARY, JSON.stringify(data)],
    ['structured', STRUCTURED, JSON.stringify(envelope)],
  ])('given a %s event under its type in the path, twice, then it keeps its identity', async (_, headers, body) => {
    for (let i = 0; i < 2; i++) expect(await world.post('/events/visit', body, headers)).toMatchObject(accepted(1));
    expect(await storedEvents(world)).toMatchObject([
      { id: 'e1', source: '/s' },
      { id: 'e1', source: '/s' },
    ]);
    const other = await world.post('/events/tick', body, headers);
    expect([other.status, other.body.detail]).toEqual([
      400,
      expect.stringContaining("type: Expected 'tick', as the path says, got a CloudEvent of type 'visit'"),
    ]);
  });

  test.each([
    ['"q-7"', 'q-7'],
    ['q-7', 'q-7'],
    ['"a \\"b\\" \\\\"', 'a "b" \\'],
    ['%e2%82%ac%20100%', '€ 100%'],
    ['"%C3%BC"', 'ü'],
  ])('given the header ce-id: %s, then the id is %s', async (header, id) => {
    expect(await world.post('/events', JSON.stringify(data), { ...BINARY, 'ce-id': header })).toMatchObject(accepted(1));
    expect(await ids()).toEqual([id]);
  });
  test('given a header that is no UTF-8 once it is decoded, then 400 names it', async () => {
    const reply = await world.post('/events', JSON.stringify(data), { ...BINARY, 'ce-id': '%C3%28' });
    expect([reply.status, reply.body.detail]).toEqual([400, expect.stringContaining('ce-id: Expected percent-encoded UTF-8')]);
  });

  test("given data that lacks the time of its event, then the envelope's time is its time", async () => {
    const event = { ...envelope, time: '2026-11-21T10:00:00+01:00', data: { page: 'p' } };
    expect(await world.post('/events', JSON.stringify(event), STRUCTURED)).toMatchObject(accepted(1));
    expect(await storedEvents(world)).toMatchObject([{ time: AT, data: { at: AT, page: 'p' } }]);
  });
});

describe('bodies are never guessed at', () => {
  const pretty = JSON.stringify([data, data, data], null, 2);
  test.each([
    ['a pretty-printed array that is cut off', pretty.slice(0, -20)],
    ['an array of lines that is cut off', `[${JSON.stringify(data)},\n${JSON.stringify(data)},\n{"at"`],
    ['an object over lines that is cut off', JSON.stringify(data, null, 2).slice(0, -4)],
  ])('given %s, then nothing is taken, and the whole body is one entry in quarantine', async (_, body) => {
    const reply = await world.post('/events/visit', body, JSON_TYPE);
    expect([reply.status, await ids()]).toEqual([400, []]);
    const entries = await quarantineOf(world);
    expect(entries.map((entry) => bytesOf(entry).toString())).toEqual([body]);
  });

  const object = JSON.stringify(data);
  test.each([
    ['objects one after the other, as curl -d sends a file of lines', `${object}${object}`, {}],
    ['pretty-printed objects after each other', `${JSON.stringify(data, null, 2)}\n${JSON.stringify(data, null, 2)}\n`, JSON_TYPE],
    ['a JSON text sequence', `\u001e${object}\n\u001e${object}\n`, { 'content-type': 'application/json-seq' }],
    ['an array under the media type of lines', `[${object},${object}]`, { 'content-type': 'application/x-ndjson' }],
    ['a form that holds lines', `${object}\n${object}`, { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('given %s, then each is an event', async (_, body, headers) => {
    expect(await world.post('/events/visit', body, headers)).toMatchObject(accepted(2));
  });

  test('given text that is no JSON but looks like lines that lost their breaks, then the message says how curl keeps them', async () => {
    const reply = await world.post('/events/visit', `${object},${object}`, JSON_TYPE);
    expect([reply.status, reply.body.detail]).toEqual([400, expect.stringContaining('--data-binary')]);
  });

  test.each([
    ['zstd', Buffer.from('28b52ffd2004', 'hex'), {}],
    ['a zip', Buffer.from('504b030414000000', 'hex'), { 'content-type': 'application/octet-stream' }],
    ['Parquet', Buffer.from('PAR1....'), {}],
    ['protocol buffers', Buffer.from([0x0a, 0x00, 0xff, 0x0a, 0x07, 0x0a]), { 'content-type': 'application/x-protobuf' }],
    ['XML', Buffer.from('<a/>'), { 'content-type': 'text/xml' }],
  ])('given %s, then 415 says what is taken, and the body is one entry', async (_, body, headers) => {
    const reply = await world.post('/events/visit', body, headers);
    expect([reply.status, reply.body.detail]).toEqual([415, expect.stringContaining('Expected JSON, NDJSON, CSV or CloudEvents')]);
    const entries = await quarantineOf(world);
    expect(entries.map((entry) => bytesOf(entry).equals(body))).toEqual([true]);
  });
});

describe('codings', () => {
  const lines = Array.from({ length: 3 }, () => JSON.stringify(data)).join('\n');
  test.each([
    ['x-gzip', gzipSync(lines)],
    ['deflate', deflateSync(lines)],
    ['br', brotliCompressSync(lines)],
    ['gzip, br', brotliCompressSync(gzipSync(lines))],
    ['', gzipSync(lines)],
  ])("given Content-Encoding: '%s', then the body is read", async (coding, body) => {
    expect(await world.post('/events/visit', body, coding === '' ? {} : { 'content-encoding': coding })).toMatchObject(accepted(3));
  });
  test('given a coding that nobody knows, then 415 names those that are', async () => {
    const reply = await world.post('/events/visit', lines, { 'content-encoding': 'compress' });
    expect([reply.status, reply.headers.get('accept-encoding')]).toEqual([415, expect.stringContaining('gzip, deflate, br')]);
    expect(await quarantineOf(world)).toHaveLength(1);
  });
});

describe('values', () => {
  test.each(['{"at":"T","page":"p","x":9007199254740993,"y":[1e999,{"z":-12345678901234567890}]}', '{ "at":"T", "page":"p", "x": 9007199254740993 }'])(
    'given numbers past a double in fields that the schema does not know, then they are kept as they were written: %s',
    async (text) => {
      const body = text.replace('T', AT);
      expect(await world.post('/events/visit', body, JSON_TYPE)).toMatchObject(accepted(1));
      const [line = ''] = await linesIn(world);
      for (const number of text.match(/9007199254740993|1e999|-12345678901234567890/g) ?? []) expect(line).toContain(number);
      expect(JSON.parse(line)).toMatchObject({ data: { page: 'p', n: 1 } });
    },
  );

  test('given one value, then there is one verdict, however it is written', async () => {
    for (const n of ['9007199254740992', ' 9007199254740992']) {
      const body = `{"at":"${AT}","page":"p","n":${n}}`;
      expect((await world.post('/events/visit', body, JSON_TYPE)).status).toBe(422);
    }
  });

  test('given null in an optional field, then it is missing: in JSON, in lines, inside an object, and under a default', async () => {
    const body = `{"at":"${AT}","page":"p","n":null,"price":null,"geo":{"country":null}}`;
    for (const headers of [JSON_TYPE, { 'content-type': 'application/x-ndjson' }])
      expect(await world.post('/events/visit', body, headers)).toMatchObject(accepted(1));
    expect((await storedEvents(world)).map(({ data: stored }) => [stored.n, stored.price, stored.geo])).toEqual([
      [1, null, { country: 'unknown' }],
      [1, null, { country: 'unknown' }],
    ]);
    expect((await world.post('/events/visit', `{"at":"${AT}","page":null}`, JSON_TYPE)).status).toBe(422);
  });

  test.each(['batch', 'events', 'records'])("given events in a list under '%s', then the message says to send the list itself", async (name) => {
    for (const type of ['visit', 'tick']) {
      const reply = await world.post(`/events/${type}`, JSON.stringify({ [name]: [data, data] }), JSON_TYPE);
      expect([reply.status, reply.body.errors[0]?.message]).toEqual([422, expect.stringContaining(`a list under '${name}'. Send the list itself`)]);
    }
  });

  test('given CSV, then its columns are fields, cells are of the kinds of the schema, and an empty cell is a missing field', async () => {
    const body = `at,page,n,price,geo.country\r\n${AT},"a, ""b""",7,1.50,DE\r\n${AT},b,,,\r\n${AT},c,many,,\r\n`;
    const reply = await world.post('/events/visit', body, { 'content-type': 'text/csv; charset=utf-8', 'idempotency-key': 'k' });
    expect(reply).toMatchObject({ status: 202, body: { accepted: 2, rejected: 1, errors: [{ index: 2, path: 'n' }] } });
    expect((await storedEvents(world)).map(({ data: stored }) => stored)).toEqual([
      { at: AT, page: 'a, "b"', n: 7, price: 1.5, geo: { country: 'DE' } },
      { at: AT, page: 'b', n: 1 },
    ]);
    // A rejected row is kept as the object that it was read as, which can be sent again.
    expect((await quarantineOf(world)).map((entry) => JSON.parse(bytesOf(entry).toString()))).toEqual([{ at: AT, page: 'c', n: 'many' }]);
  });
  test.each([
    ['a column twice', 'at,page,page\n1,2,3', "got 'page' again"],
    ['no line of names', '2026-11-21T09:00:00Z,/a\n2026-11-21T09:00:00Z,/b', 'Expected a first line with the names of fields, some of at, page'],
    ['nothing', '\n', 'Expected a first line'],
    ['rows of other lengths', 'at,page\n1,2,3', 'Expected CSV, as Content-Type says'],
  ])('given CSV with %s, then 400', async (_, body, message) => {
    const reply = await world.post('/events/visit', body, { 'content-type': 'text/csv' });
    expect([reply.status, reply.body.detail]).toEqual([400, expect.stringContaining(message)]);
  });

  test('given a leap second, then it is the last millisecond of its minute; 24:00 is no time', async () => {
    const tick = (time: string) => JSON.stringify({ ...envelope, time, type: 'visit' });
    expect(await world.post('/events', tick('2016-12-31T23:59:60Z'), STRUCTURED)).toMatchObject(accepted(1));
    expect(await storedEvents(world)).toMatchObject([{ time: '2016-12-31T23:59:59.999Z' }]);
    expect((await world.post('/events', tick('2016-12-31T24:00:00Z'), STRUCTURED)).status).toBe(422);
  });
});

describe('identity', () => {
  const bad = JSON.stringify({ at: AT, page: 7 });
  test('given the same bad body three times without a key, then it is one entry, which a replay after a fix counts once', async () => {
    for (let i = 0; i < 3; i++) {
      expect((await world.post('/events/visit', bad, JSON_TYPE)).status).toBe(422);
      world.advance(60_000);
    }
    const entries = await quarantineOf(world);
    expect(entries).toMatchObject([{ times: 3, first: '2026-11-21T10:00:30.000Z', last: '2026-11-21T10:02:30.000Z' }]);
    expect((await world.get('/quarantine?by=reason', {})).body.reasons).toMatchObject([{ reason: 'invalid', count: 1 }]);
    const lenient = event(z.object({ at: z.iso.datetime(), page: z.union([z.string(), z.number()]).transform(String) }), { time: 'at' });
    world.deploy(definePipeline({ events: { visit: lenient }, metrics: { visits: metric(lenient, { measures: { visits: count() } }) } }), {});
    expect((await world.post('/quarantine/replay', '', {})).body).toMatchObject({ accepted: 1, replayed: 3, remaining: 0 });
    expect(await ids()).toHaveLength(1);
  });

  test('given a key that was used for another request, then 422 says so, and the body is in quarantine; its own request, mended too, is taken', async () => {
    const post = (pages: readonly string[]) =>
      world.post('/events/visit', JSON.stringify(pages.map((page) => ({ at: AT, page }))), { ...JSON_TYPE, 'idempotency-key': 'ZZ' });
    expect(await post(['a'])).toMatchObject(accepted(1));
    const other = await post(['b', 'c']);
    expect([other.status, other.body.type]).toEqual([422, 'urn:twinstream:problem:idempotency-key-reused']);
    expect(await quarantineOf(world)).toHaveLength(1);
    expect(await post(['a'])).toMatchObject(accepted(1));
    expect(await post(['a', 'b'])).toMatchObject(accepted(2));
    expect(new Set(await ids())).toEqual(new Set(['ZZ:0', 'ZZ:1']));
  });
});
