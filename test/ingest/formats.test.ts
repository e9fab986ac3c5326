import { gzipSync } from 'node:zlib';
import { CloudEvent, HTTP } from 'cloudevents';
import type { System } from '../support/system.ts';
import { AT, ingesting, lanesById, NOW, quarantineOf, storedEvents } from './world.ts';

let world: System;
beforeEach(async () => {
  world = await ingesting();
});
afterEach(() => world.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const visit = (page: string) => ({ at: AT, page });
const accepted = (n: number) => ({ status: 202, body: { accepted: n, rejected: 0, errors: [] } });
const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);

describe('CloudEvents', () => {
  const sent = (id: string) =>
    new CloudEvent({
      id,
      source: '/shop?x=1',
      type: 'visit',
      subject: 'the sübject',
      time: '2026-11-21T10:00:00+01:00',
      traceparent: '00-1',
      data: { at: AT, page: 'é😀', extra: [1] },
    });
  const stored = (id: string) => ({
    id,
    source: '/shop?x=1',
    type: 'visit',
    subject: 'the sübject',
    time: '2026-11-21T09:00:00.000Z',
    traceparent: '00-1',
    data: { at: AT, page: 'é😀', extra: [1], n: 1 },
  });

  test('given an event in structured mode, as the CloudEvents SDK sends it, then it is stored with its id, source, subject, time and extensions', async () => {
    const { headers, body } = HTTP.structured(sent('e1'));
    expect(await world.post('/events', body as string, headers as Record<string, string>)).toMatchObject(accepted(1));
    expect(await storedEvents(world)).toEqual([stored('e1')]);
  });

  test('given an event in binary mode, as the CloudEvents SDK sends it, then it is stored alike', async () => {
    const { headers, body } = HTTP.binary(sent('e1'));
    const encoded = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, name.startsWith('ce-') ? encodeURI(String(value)) : String(value)]),
    );
    expect(await world.post('/events', body as string, encoded)).toMatchObject(accepted(1));
    expect(await storedEvents(world)).toEqual([stored('e1')]);
  });

  test('given a batch, then each of its events is stored', async () => {
    const body = JSON.stringify([sent('e1'), sent('e2')]);
    expect(await world.post('/events', body, { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' })).toMatchObject(accepted(2));
    expect(await storedEvents(world)).toEqual([stored('e1'), stored('e2')]);
  });

  test('given data in base64, then it is read as the JSON that it is', async () => {
    const { data, ...envelope } = sent('e1').toJSON() as Record<string, unknown>;
    const body = JSON.stringify({ ...envelope, data_base64: Buffer.from(JSON.stringify(data)).toString('base64') });
    expect(await world.post('/events', body, { 'content-type': 'application/cloudevents+json' })).toMatchObject(accepted(1));
    expect(await storedEvents(world)).toEqual([stored('e1')]);
  });

  test("given no time on the envelope, then the data's own time counts; given none there either, the time of receipt", async () => {
    const envelope = { specversion: '1.0', source: '/s' };
    const body = JSON.stringify([
      { ...envelope, id: 'a', type: 'visit', data: visit('p') },
      { ...envelope, id: 'b', type: 'tick', data: {} },
    ]);
    expect(await world.post('/events', body, { 'content-type': 'application/cloudevents-batch+json' })).toMatchObject(accepted(2));
    expect((await storedEvents(world)).map(({ id, time }) => [id, time])).toEqual([
      ['a', AT],
      ['b', NOW],
    ]);
  });

  test.each([
    ['specversion', { specversion: '0.3' }, 'Expected "1.0", as CloudEvents have it; plain JSON objects go to POST /events/{type}'],
    ['id', { id: '' }, 'Too small: expected string to have >=1 characters'],
    ['source', { source: 7 }, 'Invalid input: expected string, received number'],
    ['datacontenttype', { datacontenttype: 'text/plain' }, 'Expected a JSON content type, got "text/plain"'],
    ['data', { data: 'text' }, 'Expected a JSON object, got string "text"'],
    ['data.page', { data: { at: AT } }, 'Invalid input: expected string, received undefined'],
    ['time', { time: 'yesterday' }, 'Expected an RFC 3339 time with a zone, such as 2015-09-12T00:46:58.771Z, or epoch milliseconds, got "yesterday"'],
  ])('given a wrong %s, then the event is rejected with that path', async (path, change, message) => {
    const body = JSON.stringify({ specversion: '1.0', id: 'a', source: '/s', type: 'visit', data: visit('p'), ...change });
    const reply = await world.post('/events', body, { 'content-type': 'application/cloudevents+json' });
    expect([reply.status, reply.body.errors]).toEqual([422, [{ index: 0, path, message }]]);
  });

  test('given a type that is not defined, then that event is rejected, and the others are stored', async () => {
    const one = (id: string, type: string) => ({ specversion: '1.0', id, source: '/s', type, data: visit('p') });
    const reply = await world.post('/events', JSON.stringify([one('a', 'visit'), one('b', 'vist'), one('c', 'toString')]), {
      'content-type': 'application/cloudevents-batch+json',
    });
    const error = (index: number, got: string) => ({ index, path: 'type', message: `Expected one of visit, tick, got '${got}'` });
    expect(reply).toMatchObject({ status: 202, body: { accepted: 1, rejected: 2, errors: [error(1, 'vist'), error(2, 'toString')] } });
    expect((await quarantineOf(world)).map(({ reason }) => reason)).toEqual(['unknown-type', 'unknown-type']);
  });
});

describe('plain JSON', () => {
  test('given an object, then it becomes an event: source, subject and time from the definition, a random id', async () => {
    expect(await world.post('/events/visit', JSON.stringify(visit('p')), JSON_TYPE)).toMatchObject(accepted(1));
    expect(await storedEvents(world)).toEqual([
      { id: uuid, source: '/events/visit', type: 'visit', subject: 'p', time: AT, data: { at: AT, page: 'p', n: 1 } },
    ]);
  });

  test('given an array, then each element is an event', async () => {
    expect(await world.post('/events/visit', JSON.stringify([visit('p'), visit('q')]), JSON_TYPE)).toMatchObject(accepted(2));
    expect((await storedEvents(world)).map(({ data }) => data.page).sort()).toEqual(['p', 'q']);
  });

  test('given an empty array, then nothing is stored, and nothing is wrong', async () => {
    expect(await world.post('/events/visit', '[]', JSON_TYPE)).toMatchObject(accepted(0));
    expect(await storedEvents(world)).toEqual([]);
  });

  const lines = [visit('p'), visit('q'), visit('r')].map((one) => JSON.stringify(one));
  test.each([
    ['newlines', lines.join('\n')],
    ['a newline at the end', `${lines.join('\n')}\n`],
    ['carriage returns', lines.join('\r\n')],
    ['blank lines', `\n${lines.join('\n\n  \n')}\n\n`],
    ['a byte order mark', `\ufeff${lines.join('\n')}`],
    ['spaces around', lines.map((line) => `  ${line} \t`).join('\n')],
  ])('given NDJSON with %s, then each line is an event, whatever the content type says', async (_, body) => {
    for (const type of ['application/x-ndjson', 'application/json', 'text/plain;charset=UTF-8'])
      expect(await world.post('/events/visit', body, { 'content-type': type })).toMatchObject(accepted(3));
    expect(await storedEvents(world)).toHaveLength(9);
  });

  test('given one line of NDJSON that is an array, then that line is rejected, since a line is one event', async () => {
    const reply = await world.post('/events/visit', `${lines[0]}\n[${lines[1]}]\n`, { 'content-type': 'application/x-ndjson' });
    expect(reply.body).toEqual({ accepted: 1, rejected: 1, errors: [{ index: 1, message: 'Expected a JSON object, got an array' }] });
  });

  test.each(['gzip', 'GZIP'])('given Content-Encoding: %s, then the body is inflated', async (encoding) => {
    expect(await world.post('/events/visit', gzipSync(lines.join('\n')), { 'content-encoding': encoding })).toMatchObject(accepted(3));
  });

  test('given a gzip body of several members, as log shippers append them, then all are read', async () => {
    const body = Buffer.concat(lines.map((line) => gzipSync(`${line}\n`)));
    expect(await world.post('/events/visit', body, { 'content-encoding': 'gzip' })).toMatchObject(accepted(3));
  });

  test('given fields that the schema does not know, then they are kept; defaults are filled in, inside too', async () => {
    const data = { at: AT, page: 'p', later: { a: [null, 'x'] }, geo: { city: 'Ulm' } };
    await world.post('/events/visit', JSON.stringify(data), JSON_TYPE);
    expect((await storedEvents(world))[0]?.data).toEqual({ ...data, n: 1, geo: { city: 'Ulm', country: 'unknown' } });
  });

  test('given a type that is not defined, then 404 names those that are, and the body stands in quarantine', async () => {
    const reply = await world.post('/events/vist', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
    expect(reply).toMatchObject({ status: 404, body: { type: 'urn:twinstream:problem:not-found' } });
    expect(reply.body.detail).toContain("There is no event type 'vist'. Expected one of visit, tick.");
    expect(await quarantineOf(world)).toMatchObject([{ reason: 'unknown-type', type: 'vist', body: lines.join('\n') }]);
  });

  test('given names that every JavaScript object has for a type, then they are not defined either', async () => {
    for (const name of ['toString', 'constructor', '__proto__']) expect((await world.post(`/events/${name}`, '{}', JSON_TYPE)).status).toBe(404);
  });
});

describe('ids', () => {
  const ids = async () => (await storedEvents(world)).map(({ id }) => id);
  test('given a definition with an id field, then it is the id', async () => {
    await world.post('/events/tick', '[{"key":"k1"},{"key":"k2"},{"key":""}]', { ...JSON_TYPE, 'idempotency-key': 'req' });
    expect(await ids()).toEqual(['k1', 'k2']);
    expect(await quarantineOf(world)).toMatchObject([
      { reason: 'invalid', errors: [{ index: 2, path: 'key', message: 'Expected an id of 1 to 256 characters, got 0' }] },
    ]);
  });
  test('given an Idempotency-Key, then events without ids get {key}:{index}, the same at every try', async () => {
    for (let i = 0; i < 2; i++) await world.post('/events/visit', JSON.stringify([visit('p'), {}, visit('q')]), { ...JSON_TYPE, 'idempotency-key': 'req-1' });
    expect(await ids()).toEqual(['req-1:0', 'req-1:0', 'req-1:2', 'req-1:2']);
  });
  test('given neither, then each event gets a random id', async () => {
    for (let i = 0; i < 2; i++) await world.post('/events/visit', JSON.stringify([visit('p'), visit('q')]), JSON_TYPE);
    expect(new Set(await ids()).size).toBe(4);
  });
  test('given events that are sent again with their ids, then each takes the same lane; those of one request share one', async () => {
    for (let i = 0; i < 3; i++)
      await world.post('/events/visit', JSON.stringify(Array.from({ length: 20 }, (_, n) => visit(`${n}`))), { ...JSON_TYPE, 'idempotency-key': 'k' });
    const lanes = await lanesById(world);
    expect([lanes.size, new Set([...lanes.values()].flatMap((own) => [...own])).size]).toEqual([20, 1]);
  });
  test('given events with ids of their own, then each takes the same lane in any request, and together they take several', async () => {
    const event = (n: number) => ({ specversion: '1.0', type: 'visit', source: '/s', id: `e${n}`, time: AT, data: visit('p') });
    const send = (numbers: readonly number[]) =>
      world.post('/events', JSON.stringify(numbers.map(event)), { 'content-type': 'application/cloudevents-batch+json' });
    const all = Array.from({ length: 20 }, (_, n) => n);
    for (const numbers of [all, all.toReversed().slice(3), all.slice(5, 7)]) expect((await send(numbers)).status).toBe(202);
    const lanes = await lanesById(world);
    expect([lanes.size, [...lanes.values()].every(({ size }) => size === 1)]).toEqual([20, true]);
    expect(new Set([...lanes.values()].flatMap((own) => [...own])).size).toBe(4);
  });
});

describe('times', () => {
  test.each([
    ['2015-09-12T02:46:58.7719+02:00', '2015-09-12T00:46:58.771Z'],
    ['1969-12-31T23:59:59Z', '1969-12-31T23:59:59.000Z'],
    ['2026-11-22T10:00:30Z', '2026-11-22T10:00:30.000Z'],
  ])('given the time %s, then it is stored as %s, however long ago', async (at, time) => {
    expect(await world.post('/events/visit', JSON.stringify({ at, page: 'p' }), JSON_TYPE)).toMatchObject(accepted(1));
    expect(await storedEvents(world)).toMatchObject([{ time, data: { at } }]);
  });
  test('given epoch milliseconds where the definition says so, then they are the time', async () => {
    await world.post('/events/tick', '{"ms":1442018818771}', JSON_TYPE);
    expect(await storedEvents(world)).toMatchObject([{ time: '2015-09-12T00:46:58.771Z' }]);
  });
  test('given a time more than a day ahead, then it is rejected', async () => {
    const reply = await world.post('/events/visit', JSON.stringify({ at: '2026-11-22T10:00:30.001Z', page: 'p' }), JSON_TYPE);
    expect([reply.status, reply.body.errors]).toEqual([
      422,
      [{ index: 0, path: 'at', message: `Expected a time at most a day ahead of ${NOW}, got "2026-11-22T10:00:30.001Z"` }],
    ]);
    expect(await quarantineOf(world)).toMatchObject([{ reason: 'time', receivedAt: NOW }]);
  });
});
