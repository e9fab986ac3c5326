import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { NewestEvents } from '../../shared/query/listed-events.ts';
import { httpRequest } from '../support/http-request.ts';
import { type System, system } from '../support/system.ts';

const hit = event(z.object({ at: z.iso.datetime(), n: z.int(), page: z.string(), user: z.object({ id: z.string().optional() }).optional() }), { time: 'at' });
const view = event(z.object({ at: z.iso.datetime() }), { time: 'at' });
const pipeline = definePipeline({
  events: { hit, view },
  metrics: { hits: metric(hit, { measures: { hits: count() } }), views: metric(view, { measures: { views: count() } }) },
});
const DAY_MS = 86_400_000;
const at = '2026-11-21T09:00:00.000Z';
let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 2, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterEach(() => world.close());

let posted = 0;
const post = async (...events: readonly object[]) => {
  await world.post('/events/hit', JSON.stringify(events), { 'idempotency-key': `k${posted++}` });
  await world.drain();
};
const hits = (from: number, to: number, more: object = {}) =>
  Array.from({ length: to - from }, (_, i) => ({ at, n: from + i, page: `p${(from + i) % 3}`, ...more }));
const ask = async (query: string): Promise<NewestEvents> => {
  const reply = await world.get(`/events/hit?${query}`, {});
  if (reply.status !== 200) throw new Error(reply.text);
  return reply.body as unknown as NewestEvents;
};
const numbers = async (query: string) => (await ask(query)).events.map(({ data }) => data.n);
/** All pages, by cursor. */
const walk = async (query: string): Promise<unknown[]> => {
  const all: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: NewestEvents = await ask(`${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    all.push(...page.events.map(({ data }) => data.n));
    cursor = page.cursor;
  }
  return all;
};
const downTo = (from: number, to: number) => Array.from({ length: from - to }, (_, i) => from - 1 - i);

test('given nothing, then there is nothing, and no older page', async () => {
  expect(await ask('')).toEqual({ events: [], cursor: null, back: null });
});

test('given events of several epochs and types, then the newest come first, each as it is stored, with its place', async () => {
  await post(...hits(0, 3));
  world.advance(60_000);
  await world.post('/events/view', JSON.stringify({ at }), {});
  await post(...hits(3, 6));
  expect(await numbers('')).toEqual([5, 4, 3, 2, 1, 0]);
  const { events, cursor, back } = await ask('limit=1');
  expect(events).toEqual([
    {
      ...{ id: `k${posted - 1}:2`, source: '/events/hit', time: at, epoch: '2026-11-21T10:01:00.000Z', data: { at, n: 5, page: 'p2' } },
      place: { shard: expect.any(String), seq: expect.any(String), line: 2 },
    },
  ]);
  expect([cursor === null, back]).toEqual([false, '2026-11-21T10:01:00.000Z']);
});

test.each([1, 2, 4, 1_000])('given pages of %i, then together they are every event, once and in order', async (limit) => {
  for (let i = 0; i < 12; i += 4) {
    await post(...hits(i, i + 4));
    world.advance(60_000);
  }
  // After a silence of months, with files that a generation has joined before it.
  await world.publish();
  world.advance(200 * DAY_MS);
  await post(...hits(12, 14));
  expect(await walk(`limit=${limit}`)).toEqual(downTo(14, 0));
});

test('given filters and a range, then only those events are listed', async () => {
  await post(...hits(0, 6), { at: '2026-11-20T09:00:00.000Z', n: 6, page: 'a,b', user: { id: 'u1' } });
  expect(await numbers('filter[page]=p1')).toEqual([4, 1]);
  expect(await numbers('filter[page]=p1,p2&filter[n]=4,5,1')).toEqual([5, 4, 1]);
  expect(await numbers('filter[page][]=a%2Cb')).toEqual([6]);
  expect(await numbers('filter[user.id]=u1')).toEqual([6]);
  expect(await numbers('to=2026-11-21')).toEqual([6]);
  expect(await numbers('from=2026-11-21T09:00:00Z&to=2026-11-21T09:00:00.001Z')).toEqual(downTo(6, 0));
  expect(await walk('limit=1&filter[page]=p0')).toEqual([3, 0]);
});

test('given files past what one call reads, then the page ends before them, and its cursor continues', async () => {
  for (let i = 0; i < 3; i++) {
    await post(...hits(i, i + 1));
    world.advance(60_000);
  }
  let read = 0;
  const large: ObjectStore = {
    ...world.parts.lake,
    list: async function* (prefix, after) {
      for await (const file of world.parts.lake.list(prefix, after)) yield { ...file, bytes: 30_000_000 };
    },
    get: (key) => {
      read++;
      return world.parts.lake.get(key);
    },
  };
  world.deploy(pipeline, { lake: large });
  const first = await ask('filter[n]=0');
  expect([first.events, first.cursor !== null, read]).toEqual([[], true, 1]);
  expect(await walk('filter[n]=0')).toEqual([0]);
});

describe('given a file that is large once inflated', () => {
  /** Lines of no type, 270 MB. */
  const filler = Buffer.concat(Array(270).fill(gzipSync(`${'x'.repeat(999)}\n`.repeat(1_000))));
  /** The files but the first `few` begin with the filler. */
  const grown = (few: number): ObjectStore => {
    let read = 0;
    return {
      ...world.parts.lake,
      get: async (key) => {
        const body = await world.parts.lake.get(key);
        return body === null || read++ < few ? body : Buffer.concat([filler, body]);
      },
    };
  };
  const two = async () => {
    await post(...hits(0, 1));
    world.advance(60_000);
    await post(...hits(1, 2));
  };

  test('and another before it, then the page ends before it, and its cursor continues', async () => {
    await two();
    world.deploy(pipeline, { lake: grown(1) });
    const first = await ask('');
    expect([first.events.map(({ data }) => data.n), first.cursor !== null, first.back]).toEqual([[1], true, '2026-11-21T10:01:00.000Z']);
    expect(await numbers(`cursor=${first.cursor}`)).toEqual([0]);
  });

  test('and no time to read it, then the page ends before it, or 503 says so if it is the first', async () => {
    await two();
    /** Time for some pieces. */
    const call = async (lake: ObjectStore) => {
      world.deploy(pipeline, { lake });
      let left = 20;
      const { status, body } = await world
        .functions()
        .events(httpRequest('GET /events/{type}', { pathParameters: { type: 'hit' } }), { getRemainingTimeInMillis: () => (left-- > 0 ? 60_000 : 999) });
      return { status, body: JSON.parse(String(body)) };
    };
    expect(await call(grown(1))).toMatchObject({ status: 200, body: { events: [{ data: { n: 1 } }], cursor: expect.any(String) } });
    expect(await call(grown(0))).toMatchObject({ status: 503, body: { type: 'urn:twinstream:problem:too-slow' } });
  });
});

test.each([
  ['/events/miss', 404, "There is no event type 'miss'. Expected one of hit, view."],
  ['/events/hit?limit=0', 400, 'limit: Expected a whole number from 1 to 1000'],
  ['/events/hit?filter[pag]=a', 400, "filter: Expected a field of hit, got 'pag'"],
  ['/events/hit?from=soon', 400, 'from: Expected ISO 8601'],
  ['/events/hit?type=hit', 400, "Expected the parameters from, to, limit, cursor, got 'type'"],
  ['/events/hit?cursor=x', 400, 'cursor: Expected the cursor of an answer'],
  [`/events/hit?cursor=${Buffer.from('["../tokens.json",0]').toString('base64url')}`, 400, 'cursor: Expected the cursor of an answer'],
])('given %s, then %i', async (path, status, detail) => {
  const reply = await world.get(path, {});
  expect([reply.status, reply.body.detail]).toEqual([status, expect.stringContaining(detail)]);
});

test('given a cursor whose file is gone, then 404 says to begin again', async () => {
  await post(...hits(0, 2));
  const { cursor } = await ask('limit=1');
  for await (const { key } of world.lake.list('raw/', '')) await world.lake.remove([key]);
  world.advance(1_000);
  await post(...hits(2, 3));
  expect(await world.get(`/events/hit?cursor=${cursor}`, {})).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('Begin without cursor.') },
  });
});
