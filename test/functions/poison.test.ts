import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { count, definePipeline, entity, event, latest, metric, sum, top } from '../../shared/pipeline.ts';
import { aQuarter } from '../support/long.ts';
import { scanned } from '../support/scanned.ts';
import { type System, system } from '../support/system.ts';

// Records that no ingest wrote, straight in the log: what reads them must go on, and each must be found.

const hit = event(z.object({ at: z.iso.datetime(), id: z.string(), n: z.int(), page: z.string() }), { time: 'at', id: 'id' });
const pipeline = definePipeline({
  events: { hit },
  metrics: { hits: metric(hit, { measures: { hits: count(), n: sum(hit.n), ids: top(hit.id) } }) },
  entities: { page: entity(hit, { key: hit.page, fields: { page: latest(hit.page), hits: count() } }) },
});
const NOW = Date.parse('2026-11-21T10:00:30.000Z');
const AT = '2026-11-19T09:00:00.000Z';

let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: NOW });
});
afterEach(() => world.close());

const eventOf = (change: object) => ({ id: 'x', source: '/poison', type: 'hit', time: AT, data: { at: AT, id: 'x', n: 1, page: 'p' }, ...change });
const line = (text: string | Uint8Array) => gzipSync(Buffer.concat([Buffer.from(text), Buffer.from('\n')]));
const json = (value: unknown) => line(JSON.stringify(value));

/** The record, and the reason that it is found under. */
const POISON: Readonly<Record<string, readonly [Uint8Array, 'undecodable-record' | 'fold-failed']>> = {
  'no gzip': [Buffer.from('no gzip'), 'undecodable-record'],
  'nothing at all': [Buffer.alloc(0), 'undecodable-record'],
  'gzip that is cut off': [json(eventOf({})).subarray(0, 40), 'undecodable-record'],
  'gzip with a wrong checksum': [Buffer.concat([json(eventOf({})).subarray(0, -8), Buffer.alloc(8)]), 'undecodable-record'],
  'a gzip bomb': [gzipSync(Buffer.alloc(64 * 1024 * 1024)), 'undecodable-record'],
  'bytes that are no UTF-8': [line(Buffer.from([0xff, 0xfe, 0x80])), 'undecodable-record'],
  'no newline at its end': [gzipSync(JSON.stringify(eventOf({}))), 'undecodable-record'],
  'a line of 20 MB': [json(eventOf({ data: { page: 'x'.repeat(20_000_000) } })), 'undecodable-record'],
  'a megabyte that does not compress': [line(Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => 33 + ((i * 7_919 * i) % 90)))), 'fold-failed'],
  'no JSON': [line('no JSON'), 'fold-failed'],
  'a blank line': [line(''), 'fold-failed'],
  'JSON that is cut off': [line('{"id":"x"'), 'fold-failed'],
  'JSON that would break out of its line in the lake': [line('{},"epoch":1,"shard":"s","seq":"1","x":{}'), 'fold-failed'],
  null: [line('null'), 'fold-failed'],
  'a number': [line('42'), 'fold-failed'],
  'an array': [line('[]'), 'fold-failed'],
  'an empty object': [line('{}'), 'fold-failed'],
  'no source': [json(eventOf({ source: undefined })), 'fold-failed'],
  'a source that is a number': [json(eventOf({ source: 1 })), 'fold-failed'],
  'an id that is an object': [json(eventOf({ id: {} })), 'fold-failed'],
  'no type': [json(eventOf({ type: undefined })), 'fold-failed'],
  'a type that would be a path': [json(eventOf({ type: '../../etc' })), 'fold-failed'],
  'no time': [json(eventOf({ time: undefined })), 'fold-failed'],
  'a time that is none': [json(eventOf({ time: 'yesterday' })), 'fold-failed'],
  'a time of another form': [json(eventOf({ time: '2026-11-19T09:00:00Z' })), 'fold-failed'],
  'a time that is a number': [json(eventOf({ time: 1_795_255_200_000 })), 'fold-failed'],
  'no data': [json(eventOf({ data: undefined })), 'fold-failed'],
  'data that is null': [json(eventOf({ data: null })), 'fold-failed'],
  'data that is an array': [json(eventOf({ data: [] })), 'fold-failed'],
  'data that is text': [json(eventOf({ data: 'x' })), 'fold-failed'],
};

const post = async (id: string) => {
  const body = JSON.stringify({ id, at: AT, n: 1, page: 'p' });
  expect((await world.post('/events/hit', body, {})).status).toBe(202);
};
const answer = async () => (await world.get('/metrics/hits?from=2020-01-01&to=2030-01-01', {})).body;
const found = async () => (await world.get('/quarantine?limit=1000', {})).body.events;

// All of them are in one batch below.
test.each(aQuarter(Object.entries(POISON)))(
  'given %s between two events, then every consumer goes on, both layers count the two alone, and it is found',
  async (_, [data, reason]) => {
    await post('before');
    await world.log.append([{ lane: 0, data }]);
    await post('after');
    await world.drain();
    expect((await answer()).rows).toMatchObject([{ hits: 2, n: 2 }]);
    const [entry, ...others] = await found();
    expect([others, entry?.reason]).toEqual([[], reason]);
    const generation = await world.publish();
    expect([generation?.state, Object.values(generation?.drift ?? {}).map(({ drift }) => drift)]).toEqual(['published', [0]]);
    const { rows, provenance } = await answer();
    expect([rows, provenance.windows]).toMatchObject([[{ hits: 2, n: 2 }], { batch: 1, speed: 0 }]);
    await world.materialize();
    const entities = await scanned(world.parts.entities, `page@${pipeline.entities.page?.hash}`);
    expect([entities.map(({ key, fields }) => [key, fields.hits]), world.errors]).toEqual([[['p', 2]], []]);
    // A retry of the whole finds nothing more to say.
    await world.publish();
    expect(await found()).toHaveLength(1);
  },
);

test('given all of it in one batch, then each record is found once, with the place where it stood', async () => {
  await post('before');
  for (const [data] of Object.values(POISON)) await world.log.append([{ lane: 0, data }]);
  await post('after');
  await world.drain();
  const entries = await found();
  expect(entries).toHaveLength(Object.keys(POISON).length);
  const { reasons } = (await world.get('/quarantine?by=reason', {})).body;
  expect(reasons.map(({ reason, count: n }: { reason: string; count: number }) => [reason, n])).toEqual([
    ['undecodable-record', Object.values(POISON).filter(([, reason]) => reason === 'undecodable-record').length],
    ['fold-failed', Object.values(POISON).filter(([, reason]) => reason === 'fold-failed').length],
  ]);
  expect((await world.publish())?.state).toBe('published');
  expect((await answer()).rows).toMatchObject([{ hits: 2 }]);
});
