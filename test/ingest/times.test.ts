import { z } from 'zod';
import type { Pipeline } from '../../shared/definition/define.ts';
import { time } from '../../shared/definition/time.ts';
import { type Judged, judge } from '../../shared/ingest/judge.ts';
import type { Submitted } from '../../shared/ingest/submitted.ts';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import { system } from '../support/system.ts';
import { storedEvents } from './world.ts';

// Times as common writers write them, and what becomes of those that nobody can read for sure.

const NOW = '2026-11-30T10:00:30.000Z';
const with_ = (at: z.ZodType): Pipeline => {
  const hit = event(z.object({ at: at as z.ZodType<string>, page: z.string() }), { time: 'at' });
  return definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count() } }) } });
};
const submitted = (text: string): Submitted => ({ index: 0, type: 'hit', fallbackId: 'a', text, value: JSON.parse(text), unreadable: null, original: text });
/** The event's time and its field as stored, or the first error. */
const judged = (pipeline: Pipeline, at: string): unknown => {
  const text = `{"at":${at},"page":"p"}`;
  const one: Judged = judge(submitted(text), pipeline, Date.parse(NOW), 'r');
  if ('reason' in one) return [one.reason, one.errors[0]?.path, one.errors[0]?.message];
  const line = Buffer.from(text);
  const fast: Judged = judge({ index: 0, type: 'hit', fallbackId: 'a', bytes: line, start: 0, end: line.length }, pipeline, Date.parse(NOW), 'r');
  const linesOf = [one, fast].map((each) => ('reason' in each ? null : typeof each.line === 'string' ? each.line : `${each.line.head}${text}}`));
  expect(linesOf[1]).toBe(linesOf[0]);
  const { time: stored, data } = JSON.parse(linesOf[0] ?? '') as { time: string; data: { at: unknown } };
  expect(data.at).toBe(stored);
  return stored;
};

describe('given a schema of time()', () => {
  test.each([
    ['"2015-09-12T00:46:58.771Z"', '2015-09-12T00:46:58.771Z'],
    ['"2015-09-12T02:46:58+0200"', '2015-09-12T00:46:58.000Z'],
    ['"2015-09-12T02:46:58+02"', '2015-09-12T00:46:58.000Z'],
    ['"2015-09-12 00:46:58 UTC"', '2015-09-12T00:46:58.000Z'],
    ['"2015-09-12 00:46:58.7719999 +0000"', '2015-09-12T00:46:58.771Z'],
    ['"2015/09/12 00:46:58Z"', '2015-09-12T00:46:58.000Z'],
    ['"2015-09-12T00:46Z"', '2015-09-12T00:46:00.000Z'],
    ['"2015-09-12T02:46:58+02:00[Europe/Berlin]"', '2015-09-12T00:46:58.000Z'],
    ['"2016-12-31T23:59:60Z"', '2016-12-31T23:59:59.999Z'],
    ['"0001-01-01T00:00:00Z"', '0001-01-01T00:00:00.000Z'],
  ])('and %s, then it is stored as %s', (given, stored) => expect(judged(with_(time()), given)).toBe(stored));

  test.each([
    ['"2013-12-02 21:15:00"', "time({ zone: 'Europe/Berlin' })"],
    ['"2013-12-02"', "time({ zone: 'Europe/Berlin' })"],
    ['1385979300', "which is 2013-12-02T10:15:00.000Z in seconds: write time({ unit: 's' })"],
    ['"1385979300.5"', "which is 2013-12-02T10:15:00.500Z in seconds: write time({ unit: 's' })"],
    ['1385979300123', "which is 2013-12-02T10:15:00.123Z in milliseconds: write time({ unit: 'ms' })"],
    ['1385979300123456', "in microseconds: write time({ unit: 'us' })"],
    ['"2013-12-02T24:00:00Z"', 'Expected a time such as 2015-09-12T00:46:58.771Z'],
    ['"2013-02-30T10:00:00Z"', 'Expected a time such as 2015-09-12T00:46:58.771Z'],
    ['"2013-12-02T10:00:00+25:00"', 'Expected a time such as 2015-09-12T00:46:58.771Z'],
    ['"2013-12-02T10:00:60Z"', 'Expected a time such as 2015-09-12T00:46:58.771Z'],
    ['"yesterday"', 'Expected a time such as 2015-09-12T00:46:58.771Z'],
    ['true', 'Expected a time such as 2015-09-12T00:46:58.771Z'],
    ['null', 'Expected a time such as 2015-09-12T00:46:58.771Z'],
  ])('and %s, then it is refused with that value and how to take it', (given, hint) => {
    const [reason, path, message] = judged(with_(time()), given) as string[];
    expect([reason, path]).toEqual(['invalid', 'at']);
    expect(message).toContain(hint);
    expect(message).toContain(`got ${given}`);
  });
});

describe('given a unit', () => {
  test.each([
    ['s', '1385979300', '2013-12-02T10:15:00.000Z'],
    ['s', '1385979300.129', '2013-12-02T10:15:00.129Z'],
    ['s', '1.3859793e9', '2013-12-02T10:15:00.000Z'],
    ['s', '"1385979300.9999"', '2013-12-02T10:15:00.999Z'],
    ['s', '-1.5', '1969-12-31T23:59:58.500Z'],
    ['s', '"2013-12-02T10:15:00Z"', '2013-12-02T10:15:00.000Z'],
    ['ms', '1385979300123', '2013-12-02T10:15:00.123Z'],
    ['ms', '1385979300123.9', '2013-12-02T10:15:00.123Z'],
    ['us', '1385979300123999', '2013-12-02T10:15:00.123Z'],
    // Past 2^53: read digit by digit.
    ['ns', '1385979300123999999', '2013-12-02T10:15:00.123Z'],
    ['ns', '"1385979300123999999"', '2013-12-02T10:15:00.123Z'],
    ['ns', '5', '1970-01-01T00:00:00.000Z'],
  ] as const)('of %s and the number %s, then it is stored as %s', (unit, given, stored) => expect(judged(with_(time({ unit })), given)).toBe(stored));

  test.each([
    ['s', '1385979300123', "got 1385979300123, which is 2013-12-02T10:15:00.123Z in milliseconds: write time({ unit: 'ms' })"],
    ['ms', '1385979300', "got 1385979300, which is 2013-12-02T10:15:00.000Z in seconds: write time({ unit: 's' })"],
    ['ns', '1385979300123', "in milliseconds: write time({ unit: 'ms' })"],
    ['us', '1385979300123999999', "in nanoseconds: write time({ unit: 'ns' })"],
    ['s', '1e300', 'Expected a time'],
  ] as const)('of %s and the number %s, which is plausible in another alone, then it is refused with that hint', (unit, given, hint) => {
    expect(judged(with_(time({ unit })), given)).toEqual(['invalid', 'at', expect.stringContaining(hint)]);
  });

  test('then a CloudEvent whose envelope has the time needs none in its data', async () => {
    const world = await system({ pipeline: with_(time({ unit: 's' })), shards: 1, startMs: Date.parse(NOW) });
    try {
      const envelope = { specversion: '1.0', id: 'e', source: '/s', type: 'hit', time: '2026-11-30T10:00:00+01:00', data: { page: 'p' } };
      expect((await world.post('/events', JSON.stringify(envelope), { 'content-type': 'application/cloudevents+json' })).status).toBe(202);
      const csv = await world.post('/events/hit', 'at,page\n1796000400.5,p\n', { 'content-type': 'text/csv' });
      expect(csv.body).toMatchObject({ accepted: 1 });
      expect((await storedEvents(world)).map(({ time: at }) => at).sort()).toEqual(['2026-11-30T01:00:00.500Z', '2026-11-30T09:00:00.000Z']);
    } finally {
      await world.close();
    }
  });
});

test.each([
  ['Europe/Berlin', '"2013-12-02 21:15:00"', '2013-12-02T20:15:00.000Z'],
  ['Europe/Berlin', '"2013-12-02T21:15"', '2013-12-02T20:15:00.000Z'],
  ['Europe/Berlin', '"2013-12-02"', '2013-12-01T23:00:00.000Z'],
  ['Europe/Berlin', '"2024-10-27 02:30:00"', '2024-10-27T00:30:00.000Z'],
  ['Europe/Berlin', '"2024-03-31 02:30:00"', '2024-03-31T01:30:00.000Z'],
  ['Europe/Berlin', '"2013-12-02T21:15:00Z"', '2013-12-02T21:15:00.000Z'],
  ['Asia/Amman', '"2021-10-29"', '2021-10-28T21:00:00.000Z'],
  ['UTC', '"2013-12-02 21:15:00"', '2013-12-02T21:15:00.000Z'],
])('given the zone %s and %s, then it is stored as %s', (zone, given, stored) => expect(judged(with_(time({ zone })), given)).toBe(stored));

describe('given another schema for the time', () => {
  test.each<[string, z.ZodType, string, string, string]>([
    ['epoch seconds in an integer of milliseconds', z.int(), '1796000400', 'time', "which is 2026-11-30T01:00:00.000Z in seconds: write time({ unit: 's' })"],
    ['epoch microseconds there', z.int(), '1796000400123456', 'time', "in microseconds: write time({ unit: 'us' })"],
    ['text there', z.int(), '"1796000400123"', 'invalid', "write time({ unit: 'ms' })"],
    ['a time of SQL', z.iso.datetime(), '"2013-12-02 21:15:00"', 'invalid', 'got "2013-12-02 21:15:00": write time({ zone: \'Europe/Berlin\' })'],
    ['a local time of ISO', z.iso.datetime({ local: true }), '"2013-12-02T21:15:00"', 'time', "write time({ zone: 'Europe/Berlin' })"],
    ['an offset', z.iso.datetime(), '"2013-12-02T21:15:00+0200"', 'invalid', 'write time() in the schema'],
    ['a date in text', z.string(), '"2013-12-02"', 'time', "write time({ zone: 'Europe/Berlin' })"],
    ['24:00', z.string(), '"2013-12-02T24:00:00Z"', 'time', 'got "2013-12-02T24:00:00Z"'],
  ])('and %s, then it is refused with that value and how to take it', (_, schema, given, reason, hint) => {
    expect(judged(with_(schema), given)).toEqual([reason, 'at', expect.stringContaining(hint)]);
  });

  test("and a field that is not the event's time, then its errors show the value too", () => {
    const hit = event(z.object({ at: time(), until: z.iso.datetime().optional(), mail: z.email().optional() }), { time: 'at' });
    const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count() } }) } });
    const errors = (text: string) => {
      const one = judge(submitted(text), pipeline, Date.parse(NOW), 'r');
      return 'reason' in one ? one.errors.map(({ message }) => message) : [];
    };
    expect(errors(`{"at":"${NOW}","until":"2013-12-02 21:15:00"}`)).toEqual([expect.stringContaining("write time({ zone: 'Europe/Berlin' })")]);
    expect(errors(`{"at":"${NOW}","mail":"nobody"}`)).toEqual(['Invalid email address, got "nobody"']);
  });

  test.each<[string, z.ZodType]>([
    ['a date', z.iso.date()],
    ['a time of day', z.iso.time()],
    ['a duration', z.iso.duration()],
    ['an email', z.email()],
    ['a UUID', z.uuid()],
    ['short text', z.string().max(9)],
    ['an enum', z.enum(['a', 'b'])],
    ['a literal', z.literal('x')],
    ['a small integer', z.int().min(0).max(23)],
  ])('that takes none, such as %s, then loading fails by name, with the fix', (_, schema) => {
    expect(() => with_(schema)).toThrow("event 'hit': time: Expected a field that can hold a time, 'at' takes none. Fix: write at: time()");
  });
  test.each<[string, z.ZodType]>([
    ['a float', z.number()],
    ['a Date', z.coerce.date()],
  ])('that is %s, then loading fails and names time()', (_, schema) => expect(() => with_(schema)).toThrow("write at: time(), or time({ unit: 's' })"));
  test.each<[string, z.ZodType]>([
    ['seconds alone', z.iso.datetime({ precision: 0 })],
    ['microseconds', z.iso.datetime({ precision: 6 })],
    ['a pattern of its own', z.string().regex(/^1999-01-01/)],
    ['a rule of its own', z.string().refine((text) => text.startsWith('1999'))],
    [
      'a transform',
      z
        .string()
        .transform((text) => `${text}Z`)
        .pipe(z.string()),
    ],
    ['a default', z.iso.datetime().default('2015-09-12T00:00:00.000Z')],
    ['positive milliseconds', z.int().min(1_500_000_000_000)],
  ])('that may take some, such as %s, then it loads', (_, schema) => expect(with_(schema).events.hit).toBeDefined());
});

test.each<[object, string]>([
  [{ unit: 'sec' }, "time: unit: Expected s, ms, us, ns, got 'sec'"],
  [{ zone: '+02:00' }, "time: zone: Expected an IANA time zone such as Europe/Berlin, got '+02:00'"],
  [{ zone: 'Mars/Olympus' }, 'time: zone: Expected an IANA time zone'],
  [{ tz: 'UTC' }, "time: Expected the options unit and zone, got 'tz'"],
])('given the options %j, then time() refuses them', (options, message) => expect(() => time(options)).toThrow(message));
