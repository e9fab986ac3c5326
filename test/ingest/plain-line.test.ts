import { z } from 'zod';
import { type Judged, judge } from '../../shared/ingest/judge.ts';
import { plainReader } from '../../shared/ingest/plain-line.ts';
import { readLine, type SubmittedLine } from '../../shared/ingest/submitted.ts';
import type { Line } from '../../shared/log/record.ts';
import { count, decimal, definePipeline, event, metric } from '../../shared/pipeline.ts';
import { type Random, random, seeds } from '../../testing/random.ts';
import { some } from '../support/long.ts';

// A plain line is judged by its bytes. Whatever that takes, the schema takes unchanged, and the stored line is the very same.

const NOW = Date.parse('2026-11-21T10:00:30.000Z');
const bare = event(
  z.object({
    at: z.iso.datetime(),
    page: z.string(),
    n: z.int(),
    x: z.number(),
    ok: z.boolean(),
    note: z.string().optional(),
    maybe: z.int().nullable(),
    either: z.boolean().nullish(),
  }),
  { time: 'at', subject: 'page' },
);
const ruled = event(
  z.object({
    key: z.string().min(2).max(300),
    at: z.iso.datetime({ offset: true }),
    status: z.enum(['placed', 'paid']),
    price: decimal(2),
    items: z.int().min(1),
    mail: z.email().optional(),
    small: z.string().toLowerCase().optional(),
    trimmed: z.string().trim().optional(),
    test: z.boolean().default(false),
    level: z.union([z.literal('high'), z.literal(3), z.null()]).optional(),
    any: z.unknown().optional(),
    'odd "name"\n': z.string().optional(),
  }),
  { time: 'at', id: 'key', subject: 'key' },
);
const counted = event(z.object({ ms: z.int(), toString: z.string().optional(), day: z.iso.datetime().optional(), forced: z.coerce.boolean().optional() }), {
  time: 'ms',
});
const text = { at: z.iso.datetime(), page: z.string().optional() };
const strict = event(z.strictObject(text), { time: 'at' });
const loose = event(z.looseObject(text), { time: 'at' });
const whole = event(
  z.object(text).refine(({ page }) => page !== 'a'),
  { time: 'at' },
);
const numbered = event(z.object({ ...text, '7': z.int().optional() }), { time: 'at' });
const failing = event(
  z.object({
    ...text,
    page: z
      .string()
      .refine(() => {
        throw new Error('It fails');
      })
      .optional(),
  }),
  { time: 'at' },
);
const events = { bare, ruled, counted, strict, loose, whole, numbered, failing };
const pipeline = definePipeline({ events, metrics: { all: metric(bare, { measures: { n: count() } }) } });
type Type = keyof typeof events;

const TEXTS = [
  '',
  'a',
  'ab',
  'A b',
  ' pad ',
  'quo"te',
  'back\\slash',
  'ü',
  '😀',
  '\ud83d',
  '\u0000',
  '\u2028',
  '\ufeff',
  'x'.repeat(1_100),
  'placed',
  'paid',
  'a@b.de',
];
const NUMBERS = [
  '0',
  '-0',
  '1',
  '-7',
  '12.34',
  '0.1',
  '-1.50',
  '1e3',
  '1E-7',
  '1e999',
  '123456789012345',
  '9007199254740993',
  '007',
  '1.',
  '-',
  '2251799813685.25',
];
const TIMES = [
  ...['2015-09-12T00:46:58.771Z', '2026-11-21T10:00:30.000Z', '2016-02-29T00:00:00.000Z', '2015-02-29T00:00:00.000Z', '2015-09-12T24:00:00.000Z'],
  ...['2015-09-12T00:46:58Z', '2015-09-12T00:46:58.7Z', '2015-09-12T00:46:58.771+02:00', '2026-11-22T10:00:30.001Z', '0000-01-01T00:00:00.000Z', '2015-9-12'],
];
const OTHERS = ['null', 'true', 'false', 'nul', '[]', '[1]', '{}', '{"a":1}', 'NaN', ''];
const MILLISECONDS = [String(NOW), '0', '-1', '1.5', '253402300800000'];
const NAMES = ['at', 'page', 'n', 'x', 'ok', 'note', 'maybe', 'either', 'key', 'status', 'price', 'items', 'mail', 'small', 'trimmed', 'test', 'level', 'any'];
const MORE_NAMES = ['odd "name"\n', 'ms', 'toString', 'day', 'forced', '7', '__proto__', 'constructor', 'unknown', 'pa\\u0067e'];

/** What a field may have; mostly something that suits it. */
const valueFor = (name: string, r: Random): string => {
  const quoted = (texts: readonly string[]) => JSON.stringify(r.pick(texts));
  if (r.chance(0.02)) return r.pick([...OTHERS, ...NUMBERS, quoted(TEXTS), quoted(TIMES), quoted(TEXTS).replace('a', '\\u0061')]);
  if (name === 'at' || name === 'day') return r.chance(0.8) ? `"${TIMES[0]}"` : quoted(TIMES);
  if (name === 'ms') return r.chance(0.8) ? String(NOW - r.integer(0, 1e12)) : r.pick(MILLISECONDS);
  if (['n', 'x', 'maybe', 'items', 'price', 'level', '7'].includes(name)) return r.chance(0.7) ? String(r.integer(-5, 1e9)) : r.pick(NUMBERS);
  if (['ok', 'test', 'either', 'forced'].includes(name)) return r.pick(['true', 'false']);
  if (name === 'status') return r.pick(['"placed"', '"paid"']);
  return r.chance(0.6) ? (name === 'mail' ? '"a@b.de"' : `"${r.pick(['ab', 'cd', 'hé', '1 2015', 'a@b.de'])}"`) : quoted(TEXTS);
};
const lineFor = (type: Type, r: Random): string => {
  const { schema } = pipeline.events[type] as unknown as { schema: z.ZodObject };
  const required: readonly string[] = Object.keys(schema.shape).filter((name) => !schema.shape[name]?.safeParse(undefined).success);
  const names = Object.keys(schema.shape).filter((name) => (required.includes(name) ? r.chance(0.99) : r.chance(0.5)));
  if (r.chance(0.05)) names.splice(r.integer(0, names.length), 0, r.pick([...NAMES, ...MORE_NAMES]));
  if (r.chance(0.1)) names.sort(() => r.next() - 0.5);
  const [comma, colon] = r.chance(0.05) ? [', ', ': '] : [',', ':'];
  const members = names.map((name) => `${JSON.stringify(name).replace('\\\\', '\\')}${colon}${valueFor(name, r)}`);
  const line = `{${members.join(comma)}}`;
  if (r.chance(0.95)) return line;
  const at = r.integer(0, line.length);
  return r.pick([
    line.slice(0, at),
    `${line} `,
    `${line}${line}`,
    ` ${line}`,
    line.slice(0, at) + r.pick(['"', '\\', '{', '}', ',', '\t', '\ufffd', '1']) + line.slice(at),
  ]);
};
const textOf = (line: Line): string => (typeof line === 'string' ? line : `${line.head}${line.bytes.toString('utf8', line.start, line.end)}}`);
const shown = (judged: Judged) => ('line' in judged ? { source: judged.source, id: judged.id, line: textOf(judged.line) } : judged);

describe.each(some(seeds(4), 1))('seed %i', (seed) => {
  test.each(Object.keys(events) as Type[])('given lines of %s, then those that are judged by their bytes are judged alike by their values', (type) => {
    const r = random(seed);
    let plain = 0;
    for (let i = 0; i < 4_000; i++) {
      const line = Buffer.from(lineFor(type, r));
      const fallbackId = r.chance(0.1) ? null : r.chance(0.9) ? `k:${i}` : r.pick(['quo"te', '\ud83d', '', 'x'.repeat(300)]);
      // Among others, as in a body.
      const bytes = Buffer.concat([Buffer.from('{"n":1}\n'), line, Buffer.from(r.pick(['\n', '\n{}', '']))]);
      const submitted: SubmittedLine = { index: i, type, fallbackId, bytes, start: 8, end: 8 + line.length };
      const judged = judge(submitted, pipeline, NOW, 'r');
      if ('line' in judged && typeof judged.line !== 'string') plain++;
      const [byBytes, byValue] = [shown(judged), shown(judge(readLine(submitted), pipeline, NOW, 'r'))];
      if (JSON.stringify(byBytes) !== JSON.stringify(byValue))
        expect({ line: line.toString(), judged: byBytes }).toEqual({ line: line.toString(), judged: byValue });
    }
    const isByFields = ['bare', 'ruled', 'counted', 'failing'].includes(type);
    if (isByFields) expect(plain).toBeGreaterThan(100);
    else expect(plain).toBe(0);
  });
});

test.each<[string, Type]>([
  ['refuses names that it does not know', 'strict'],
  ['takes names that it does not know', 'loose'],
  ['looks at all fields at once', 'whole'],
  ['has names that are numbers, which objects list first', 'numbered'],
])('given a schema that %s, then no line is judged by its bytes', (_, type) => {
  expect(plainReader(pipeline.events[type] as never)).toBeNull();
});
