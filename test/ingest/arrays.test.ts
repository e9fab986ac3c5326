import { z } from 'zod';
import { decodeRequest } from '../../shared/ingest/decode-request.ts';
import { elementPlaces } from '../../shared/ingest/json-places.ts';
import { type Judged, judge } from '../../shared/ingest/judge.ts';
import { originalBytes } from '../../shared/ingest/submitted.ts';
import { decodeRecord, encodeRecords } from '../../shared/log/record.ts';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import { type Random, random, seeds } from '../../testing/random.ts';
import { some } from '../support/long.ts';

// An element of an array is judged as the same text is on a line of its own.

const NOW = Date.parse('2026-11-21T10:00:30.000Z');
const visit = event(z.object({ at: z.iso.datetime(), page: z.string(), n: z.int().optional() }), { time: 'at', subject: 'page' });
const pipeline = definePipeline({ events: { visit }, metrics: { visits: metric(visit, { window: '1m', dimensions: {}, measures: { visits: count() } }) } });
const AT = '"at":"2026-11-21T10:00:00.000Z"';

const ELEMENTS = [
  `{${AT},"page":"p"}`,
  `{${AT},"page":"é€😀 ,]}{[ "}`,
  `{${AT},"page":"a \\" , \\\\"}`,
  `{ ${AT} , "page" : "p", "n": 1.0 }`,
  `{${AT},"page":"p","n":9007199254740993}`,
  `{${AT},"page":"p","page":"q"}`,
  `{${AT},"page":"p","unknown":{"deep":[1,[2,{"x":"]"}]]}}`,
  `{${AT},"page":"p","unknown":12345678901234567890}`,
  `{"page":"p"}`,
  '{}',
  '[]',
  '[1,"a]"]',
  '"text, with ] and }"',
  'null',
  '-1.5e3',
  'true',
];
const blank = ({ pick, integer }: Random) => Array.from({ length: integer(0, 2) }, () => pick([' ', '\t', '\r', ''])).join('');
const shown = (judged: Judged) => ('reason' in judged ? judged : { ...judged, line: encodeRecords([judged.line]).flatMap(decodeRecord) });

const judgedFrom = async (body: string, type: string) => {
  const headers = { 'content-type': type, 'idempotency-key': 'k' };
  const events = [...(await decodeRequest({ type: 'visit', schema: pipeline.events.visit?.schema ?? null, headers, body: Buffer.from(body) }))];
  return events.map((one) => ({ judged: shown(judge(one, pipeline, NOW, 'key')), original: String(originalBytes(one)) }));
};

test.each(some(seeds(300), 30))('seed %i: the elements of an array are judged, and kept if they are rejected, as lines are', async (seed) => {
  const r = random(seed);
  // Lines that begin as an array are one.
  const texts = [ELEMENTS[0] as string, ...Array.from({ length: r.integer(0, 12) }, () => r.pick(ELEMENTS))];
  const array = `${r.pick(['', '\ufeff'])}${blank(r)}[${texts.map((text) => blank(r) + text + blank(r)).join(',')}]${blank(r)}`;
  const places = elementPlaces(Buffer.from(array)).map(({ start, end }) => Buffer.from(array).toString('utf8', start, end));
  expect(places).toEqual(texts);
  expect(await judgedFrom(array, 'application/json')).toEqual(await judgedFrom(`${texts.join('\n')}\n`, 'application/x-ndjson'));
});

const cloudEvent = (data: string): string => `{"specversion":"1.0","id":"1","source":"/s","type":"visit","data":${data}}`;
test.each(ELEMENTS.slice(0, 9))('given a CloudEvent of %s in a batch, then it is judged, and kept if it is rejected, as it is alone', async (data) => {
  const alone = await judgedFrom(cloudEvent(data), 'application/cloudevents+json');
  expect(await judgedFrom(`[ ${cloudEvent(data)} ]`, 'application/cloudevents-batch+json')).toEqual(alone);
});
