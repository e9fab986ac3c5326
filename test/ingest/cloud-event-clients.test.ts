import type { System } from '../support/system.ts';
import { AT, bytesOf, ingesting, quarantineOf, storedEvents } from './world.ts';

// Forms of CloudEvents that SDKs and HTTP clients are known to send. test/aws/cloudevents.test.ts runs the SDKs themselves.

let world: System;
beforeEach(async () => {
  world = await ingesting();
});
afterEach(() => world.close());

const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
const BINARY = { 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-id': 'e1', 'ce-source': '/s', 'ce-type': 'visit' };
const data = { at: AT, page: 'p' };
const envelope = { specversion: '1.0', id: 'e1', source: '/s', type: 'visit', data };
const accepted = (n: number) => ({ status: 202, body: { accepted: n, rejected: 0, errors: [] } });
const ids = async () => (await storedEvents(world)).map(({ id }) => id);

const utf8 = (text: string) => Buffer.from(text).toString('latin1');
test.each([
  ['UTF-8', utf8('€ ü'), '€ ü'],
  ['UTF-8 that ends in the byte A0', utf8('voilà'), 'voilà'],
  ['UTF-8 beside percent sequences', `${utf8('ü')}%C3%BC`, 'üü'],
  ['Latin-1', 'Käse é', 'Käse é'],
])('given a header of %s that is not percent-encoded, then it is read as that', async (_, header, id) => {
  expect(await world.post('/events', JSON.stringify(data), { ...BINARY, 'ce-id': header })).toMatchObject(accepted(1));
  expect(await ids()).toEqual([id]);
});

test.each(['application/json ; charset=utf-8', 'text/json', 'application/vnd.example.v1+json', 'model/gltf+json'])(
  'given data of the type %s, then it is JSON',
  async (type) => {
    expect(await world.post('/events', JSON.stringify(data), { ...BINARY, 'content-type': type })).toMatchObject(accepted(1));
    expect(await world.post('/events', JSON.stringify({ ...envelope, datacontenttype: type }), STRUCTURED)).toMatchObject(accepted(1));
  },
);
test('given binary mode in a body that the HTTP client calls a form, then its data is JSON', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' };
  expect(await world.post('/events', JSON.stringify(data), { ...BINARY, ...form })).toMatchObject(accepted(1));
  expect((await world.post('/events', 'a=b', { ...BINARY, ...form })).status).toBe(400);
});

test.each([
  ['no data', 'application/json', Buffer.from(''), {}, 'Expected a JSON object, got nothing'],
  [
    'no data but a header of that name',
    'application/json',
    Buffer.from(''),
    { 'ce-data': 'x', 'ce-data_base64': 'e30=' },
    'Expected a JSON object, got nothing',
  ],
  ['text', 'text/plain', Buffer.from('a b'), {}, 'Expected a JSON content type, got "text/plain"'],
  ['JSON that is called text', 'text/plain', Buffer.from(JSON.stringify(data)), {}, 'Expected a JSON content type, got "text/plain"'],
  ['other bytes', 'image/png', Buffer.from([0x89, 0x50, 0xff]), {}, 'Expected a JSON content type, got "image/png"'],
])('given binary mode with %s, then the event is rejected as in structured mode, and is in quarantine whole', async (_, type, body, headers, message) => {
  const reply = await world.post('/events', body, { ...BINARY, 'content-type': type, ...headers });
  expect([reply.status, reply.body.errors]).toEqual([422, [expect.objectContaining({ index: 0, message: expect.stringContaining(message) })]]);
  const [entry] = await quarantineOf(world);
  const kept = JSON.parse(entry === undefined ? '' : bytesOf(entry).toString()) as Record<string, unknown>;
  expect(kept).toMatchObject({ id: 'e1', source: '/s', datacontenttype: type });
  const bytes = typeof kept.data_base64 === 'string' ? Buffer.from(kept.data_base64, 'base64') : Buffer.from(String(kept.data ?? ''));
  expect(bytes.equals(body)).toBe(true);
});
test('given a header of a name that only a body has, then the body is the data', async () => {
  const base64 = Buffer.from(JSON.stringify({ at: AT, page: 'other' })).toString('base64');
  expect(await world.post('/events', JSON.stringify(data), { ...BINARY, 'ce-data_base64': base64 })).toMatchObject(accepted(1));
  expect(await storedEvents(world)).toMatchObject([{ data }]);
});
test.each(['application/cloudevents+xml', 'application/cloudevents+avro', 'application/cloudevents'])('given %s, then 415 names the formats', async (type) => {
  const reply = await world.post('/events', 'x', { 'content-type': type });
  expect([reply.status, reply.body.detail]).toEqual([415, expect.stringContaining('Expected application/cloudevents+json')]);
  expect(await quarantineOf(world)).toHaveLength(1);
});
