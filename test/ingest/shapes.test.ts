import { z } from 'zod';
import { count, definePipeline, event, metric, time } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';
import { storedEvents } from './world.ts';

// Schemas of every shape, and objects that are no events of theirs.

const NOW = '2026-11-30T10:00:30.000Z';
const AT = '2026-11-30T10:00:00.000Z';
const fields = { at: time(), page: z.string(), n: z.int().optional() };
const options = { time: 'at', subject: 'page' } as const;
const plain = event(z.object(fields), options);
const renamed = event(
  z.preprocess((value) => (typeof value === 'object' && value !== null && 'p' in value ? { ...value, page: value.p } : value), z.object(fields)),
  options,
);
const frozen = event(z.object(fields).readonly(), options);
const loose = event(z.object({ at: time().optional(), page: z.string().optional() }), { time: 'at' });
const strict = event(z.object({ ...fields, geo: z.object({ country: z.string() }).optional(), items: z.array(z.object({ sku: z.string() })).optional() }), {
  ...options,
  strict: true,
});
const nested = event(
  z.object({
    ...fields,
    items: z.array(z.object({ sku: z.string(), n: z.int().optional(), tags: z.record(z.string(), z.object({ x: z.int().optional() })).optional() })).optional(),
    pair: z.tuple([z.object({ a: z.int().optional() }), z.int()]).optional(),
    either: z.union([z.object({ a: z.int().optional() }), z.object({ b: z.string().optional(), c: z.int() })]).optional(),
    note: z.string().nullable().optional(),
    level: z.int().default(1),
  }),
  options,
);
const events = { plain, renamed, frozen, loose, strict, nested };
const pipeline = definePipeline({ events, metrics: { hits: metric(plain, { measures: { hits: count() } }) } });

let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse(NOW) });
});
afterEach(() => world.close());
const stored = async () => (await storedEvents(world)).map(({ data }) => data);

const FORMATS: readonly [string, string, (event: object) => string][] = [
  ['JSON', 'application/json', (value) => JSON.stringify(value)],
  ['NDJSON', 'application/x-ndjson', (value) => `${JSON.stringify(value)}\n`],
  ['an array', 'application/json', (value) => JSON.stringify([value])],
  ['CSV', 'text/csv', (value) => `${Object.keys(value).join(',')}\n${Object.values(value).join(',')}\n`],
];
describe.each(FORMATS)('given %s', (_, mediaType, write) => {
  test.each(['renamed', 'frozen', 'plain'])('and an event type whose schema is %s, then it is taken', async (type) => {
    const reply = await world.post(`/events/${type}`, write({ at: AT, page: 'a' }), { 'content-type': mediaType });
    expect([reply.status, reply.body]).toEqual([202, { accepted: 1, rejected: 0, errors: [] }]);
    expect(await stored()).toEqual([{ at: AT, page: 'a' }]);
  });
});
test.each(FORMATS.slice(0, 3))('given %s of a schema that renames fields, then both names are stored', async (_, mediaType, write) => {
  const reply = await world.post('/events/renamed', write({ at: AT, p: 'a' }), { 'content-type': mediaType });
  expect(reply.status).toBe(202);
  expect(await stored()).toEqual([{ at: AT, p: 'a', page: 'a' }]);
});

test.each<[string, z.ZodType]>([
  ['a union', z.union([z.object(fields), z.object({ at: time() })])],
  ['a record', z.record(z.string(), z.string())],
  ['a transform to something else', z.object(fields).transform(({ at }) => ({ at }))],
  ['text', z.string()],
])('given a schema that is %s, then loading fails by name, with the fix', (_, schema) => {
  const broken = event(schema as z.ZodObject<typeof fields>, options);
  expect(() => definePipeline({ events: { broken }, metrics: {} })).toThrow("event 'broken': Expected a schema of an object with fields");
});
test('given strict for a schema that changes fields first, then loading fails', () => {
  const broken = event(
    z.preprocess((value) => value, z.object(fields)),
    { ...options, strict: true },
  );
  expect(() => definePipeline({ events: { broken }, metrics: {} })).toThrow("event 'broken': strict:");
});
test('given an option that does not exist, then loading fails with the one that was meant', () => {
  const broken = event(z.object(fields), { ...options, stict: true } as typeof options);
  expect(() => definePipeline({ events: { broken }, metrics: {} })).toThrow("got 'stict'. Fix: write strict");
});

describe('given an object around events', () => {
  test.each(['batch', 'events', 'data', 'Records', 'payload'])(
    'such as a list under %s, then it is refused with a hint, also by a schema of optional fields',
    async (name) => {
      for (const type of ['plain', 'loose']) {
        const reply = await world.post(`/events/${type}`, JSON.stringify({ sentAt: AT, [name]: [{ at: AT, page: 'a' }] }), {
          'content-type': 'application/json',
        });
        expect([reply.status, reply.body.errors]).toEqual([
          422,
          [expect.objectContaining({ path: name, message: expect.stringContaining('Send the list itself') })],
        ]);
      }
    },
  );
  test('such as one under a name, then it is refused with a hint', async () => {
    const reply = await world.post('/events/loose', JSON.stringify({ event: { at: AT, page: 'a' } }), { 'content-type': 'application/json' });
    expect([reply.status, reply.body.errors]).toEqual([
      422,
      [expect.objectContaining({ path: 'event', message: expect.stringContaining('Send what is in it') })],
    ]);
  });
  test('such as fields that the schema does not know alone, then it is refused, and names both', async () => {
    const reply = await world.post('/events/loose', '{"foo":1,"bar":2}', { 'content-type': 'application/json' });
    expect([reply.status, reply.body.errors[0]?.message]).toEqual([422, 'Expected some of the fields at, page, got none of them, but foo, bar']);
    expect((await world.post('/events/loose', '{"page":"a","foo":1}', { 'content-type': 'application/json' })).status).toBe(202);
  });
});

describe('given a strict event type', () => {
  test.each([
    [{ pge: 'x' }, 'pge', 'write page'],
    [{ geo: { country: 'de', city: 'b' } }, 'geo.city', "got 'city'"],
    [{ items: [{ sku: 'a' }, { sku: 'b', nn: 1 }] }, 'items.1.nn', "got 'nn'"],
  ])('and the unknown field of %j, then the event is refused and names it', async (more, path, message) => {
    for (const mediaType of ['application/json', 'application/x-ndjson']) {
      const reply = await world.post('/events/strict', JSON.stringify({ at: AT, page: 'a', ...more }), { 'content-type': mediaType });
      expect([reply.status, reply.body.errors]).toEqual([422, [expect.objectContaining({ path, message: expect.stringContaining(message) })]]);
    }
  });
  test('and known fields alone, then it is taken', async () => {
    const reply = await world.post('/events/strict', JSON.stringify({ at: AT, page: 'a', geo: { country: 'de' }, items: [{ sku: 'a' }] }), {
      'content-type': 'application/json',
    });
    expect(reply.status).toBe(202);
  });
});

describe('given null in an optional field', () => {
  test.each([
    { n: null },
    { level: null },
    { items: null },
    { items: [{ sku: 'a', n: null }] },
    { items: [{ sku: 'a', tags: { t: { x: null } } }] },
    { pair: [{ a: null }, 1] },
    { either: { a: null } },
    { either: { b: null, c: 1 } },
    { note: null },
  ])('in %j, then it is missing, in JSON and NDJSON', async (more) => {
    for (const mediaType of ['application/json', 'application/x-ndjson']) {
      const reply = await world.post('/events/nested', JSON.stringify({ at: AT, page: 'a', ...more }), { 'content-type': mediaType });
      expect([reply.status, reply.body.errors]).toEqual([202, []]);
    }
  });
  test.each([{ page: null }, { items: [{ sku: null }] }, { pair: [{}, null] }])('in a required one as %j, then it is refused', async (more) => {
    const reply = await world.post('/events/nested', JSON.stringify({ at: AT, page: 'a', ...more }), { 'content-type': 'application/json' });
    expect(reply.status).toBe(422);
  });
});
