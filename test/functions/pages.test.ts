import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Generation } from '../../shared/batch/generations.ts';
import { count, definePipeline, entity, event, latest, metric, type Pipeline } from '../../shared/pipeline.ts';
import { httpRequest } from '../support/http-request.ts';
import { type Reply, type System, system } from '../support/system.ts';

// Lists are paged by what fits into an answer of Lambda, and long work by the time that a call has.

const note = event(z.object({ at: z.iso.datetime(), page: z.string(), text: z.string() }), { time: 'at', id: 'page' });
const pipeline = definePipeline({
  events: { note },
  metrics: { notes: metric(note, { measures: { notes: count() } }) },
  entities: { page: entity(note, { key: note.page, fields: { page: latest(note.page), text: latest(note.text) }, search: ['page'] }) },
});
/** It rejects every note. */
const strict = definePipeline({
  ...pipeline,
  events: { note: event(z.object({ at: z.iso.datetime(), page: z.string().max(0), text: z.string() }), { time: 'at', id: 'page' }) },
  metrics: {},
  entities: {},
});
const at = '2026-11-20T09:00:00.000Z';
const MB = 1_000_000;
/** What Lambda counts: the answer's text, as a text in JSON. */
const lambdaBytes = (text: string) => Buffer.byteLength(JSON.stringify(text));

let world: System;
const start = async (of: Pipeline = pipeline) => {
  world = await system({ pipeline: of, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
};
afterEach(() => world.close());
const names = (n: number) => Array.from({ length: n }, (_, i) => `p${String(i).padStart(4, '0')}`);
const post = async (pages: readonly string[], text: string) => {
  for (const page of pages) await world.post('/events/note', JSON.stringify({ at, page, text }), {});
};

/** Every page of a list from the first to the last. */
const pagesOf = async <T>(path: (after: string | null) => string, itemsOf: (body: Awaited<ReturnType<System['get']>>['body']) => readonly T[]) => {
  const pages: { readonly items: readonly T[]; readonly bytes: number }[] = [];
  for (let after: string | null = null; pages.length < 100; ) {
    const { status, text, body }: Reply = await world.get(path(after), {});
    expect(status).toBe(200);
    pages.push({ items: itemsOf(body), bytes: lambdaBytes(text) });
    after = body.next ?? body.cursor ?? null;
    if (after === null) break;
  }
  return pages;
};
const expectPages = (pages: readonly { readonly items: readonly string[]; readonly bytes: number }[], all: readonly string[]) => {
  expect(pages.flatMap(({ items }) => items)).toEqual(all);
  expect(pages.length).toBeGreaterThan(1);
  for (const [i, { bytes }] of pages.entries()) expect([i, bytes < 5.5 * MB, i === pages.length - 1 || bytes > 3 * MB]).toEqual([i, true, true]);
};

test('given entities that do not fit into one answer, then a search has as many as do, and its cursor continues', async () => {
  await start();
  await post(names(60), '"'.repeat(60_000));
  await world.materialize();
  await world.index();
  const pages = await pagesOf(
    (cursor) => `/entities/page?limit=100${cursor === null ? '' : `&cursor=${cursor}`}`,
    ({ hits }) => hits.map(({ key }) => key),
  );
  expectPages(pages, names(60));
});

test('given rejected events that do not fit into one answer, then each is in one page, whatever fills it', async () => {
  await start(strict);
  await post(names(45), '"'.repeat(60_000));
  await post(names(3), 'again');
  await post(names(3), 'again');
  const list = (limit: number) =>
    pagesOf(
      (after) => `/quarantine?limit=${limit}${after === null ? '' : `&after=${after}`}`,
      ({ events }) => events.map(({ body }) => (JSON.parse(body) as { page: string; text: string }).page),
    );
  const all = [...names(45), ...names(3)];
  const whole = await list(1_000);
  // Of the same moment they are in no order of their own, but in the same one for each call.
  const found = whole.flatMap(({ items }) => items);
  expect(found.toSorted()).toEqual(all.toSorted());
  expectPages(whole, found);
  const short = await list(7);
  expect([short.flatMap(({ items }) => items), short.map(({ items }) => items.length)]).toEqual([found, [7, 7, 7, 7, 7, 7, 6]]);
});

test('given an entry that has left the quarantine, then no page begins after it, and that is said', async () => {
  await start(strict);
  await post(names(3), 'x');
  const { body } = await world.get('/quarantine?limit=1', {});
  await world.call('DELETE', '/quarantine?limit=1', null, {});
  expect(await world.get(`/quarantine?after=${body.next}`, {})).toMatchObject({
    status: 404,
    body: { detail: `There is no entry '${body.next}' of these any more: it was replayed or removed. Begin without after.` },
  });
  expect(await world.get('/quarantine?after=a/b', {})).toMatchObject({ status: 400, body: { detail: "after: Expected the id of an entry, got 'a/b'" } });
});

test('given generations with much to say, then a page has as many as fit', async () => {
  await start();
  const drift = Object.fromEntries(
    Array.from({ length: 90 }, (_, i) => [`metric${i}@0123456789ab`, { speed: 1_000_000, batch: 1_000_000, duplicates: 3, overflow: 0, drift: 0 }]),
  );
  const ids = Array.from({ length: 900 }, (_, i) => `g${String(i + 1).padStart(6, '0')}`);
  const generation = {
    state: 'retired',
    requestedAtMs: 0,
    throughMs: null,
    plan: null,
    attempts: 0,
    publishedAtMs: 0,
    error: 'e'.repeat(2_000),
    counts: null,
    drift,
  };
  await world.store.put(
    ids.map((id) => ({
      cell: { partition: 'generations', sort: id, version: '1', body: Buffer.from(JSON.stringify({ ...generation, id } as unknown as Generation)) },
      expected: null,
      expiresAtMs: null,
    })),
  );
  const pages = await pagesOf(
    (after) => `/generations?limit=1000${after === null ? '' : `&after=${after}`}`,
    ({ generations }) => generations.map(({ id }) => id),
  );
  expectPages(pages, ids.toReversed());
});

test('given exclusions with many ids, withdrawn ones too, then a page has as many as fit, or as were asked for', async () => {
  await start();
  const long = Array.from({ length: 900 }, (_, i) => `${'x'.repeat(240)}${i}`);
  for (let i = 0; i < 20; i++) {
    const { body } = await world.post('/exclusions', JSON.stringify({ source: '/events/note', ids: long }), {});
    await world.call('DELETE', `/exclusions/${body.id}`, null, {});
  }
  const all = Array.from({ length: 20 }, (_, i) => `x${String(20 - i).padStart(6, '0')}`);
  const list = (query: string) =>
    pagesOf(
      (after) => `/exclusions${query}${after === null ? '' : `${query === '' ? '?' : '&'}after=${after}`}`,
      ({ exclusions }) => exclusions.map(({ id }) => id),
    );
  expectPages(await list(''), all);
  expect((await list('?limit=6')).map(({ items }) => items.length)).toEqual([6, 6, 6, 2]);
  expect((await world.get('/exclusions?after=g000001', {})).body.detail).toBe("after: Expected the id of an exclusion such as x000001, got 'g000001'");
});

describe('POST /quarantine/replay', () => {
  const replay = async (request: object, msLeft: () => number) => {
    const answer = await world
      .functions()
      .quarantine(httpRequest('POST /quarantine/replay', { body: JSON.stringify(request) }), { getRemainingTimeInMillis: msLeft });
    expect(answer.status).toBe(200);
    return JSON.parse(String(answer.body));
  };
  /** Time for so many batches. */
  const timeFor = (batches: number) => {
    let left = batches;
    return () => (left-- > 0 ? 60_000 : 7_999);
  };

  test('given entries that stay before those that would be accepted, then calls that continue reach all of them', async () => {
    await start(strict);
    // Three files, the oldest of events that no fix accepts.
    await post(names(2), 'x');
    for (const page of ['a', 'b']) await world.post('/events/note', JSON.stringify({ at: 'never', page, text: 'x' }), {});
    world.advance(2 * 3_600_000);
    await post(['late'], 'x');
    world.deploy(pipeline, {});
    const answers: { accepted: number; replayed: number; more: boolean; next: string | null }[] = [];
    for (let after: string | null = null; answers.length < 20; ) {
      const answer = await replay(after === null ? {} : { after }, timeFor(1));
      answers.push(answer);
      if (!answer.more) break;
      after = answer.next;
    }
    expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(3);
    expect(answers.slice(0, -1).every(({ next }) => /^quarantine\/.*#\d+$/.test(next ?? ''))).toBe(true);
    expect(answers.at(-1)).toMatchObject({ more: false, next: null });
    expect((await world.get('/quarantine', {})).body.events.length).toBe(2);
  });

  test('given one file with more than there is time for, then a call continues in it after what stays', async () => {
    await start(strict);
    const lines = [
      ...Array.from({ length: 700 }, (_, i) => ({ at: 'never', page: `n${i}`, text: 'x' })),
      ...names(700).map((page) => ({ at, page, text: 'x' })),
    ];
    await world.post('/events/note', lines.map((line) => JSON.stringify(line)).join('\n'), { 'content-type': 'application/x-ndjson' });
    world.deploy(pipeline, {});
    const first = await replay({ reason: 'invalid' }, timeFor(1));
    expect(first).toMatchObject({ more: true, next: expect.stringMatching(/^quarantine\/.*#\d+$/) });
    const second = await replay({ reason: 'invalid', after: first.next }, timeFor(1));
    const third = await replay({ reason: 'invalid', after: second.next }, timeFor(9));
    expect([first.accepted + second.accepted + third.accepted, third.more]).toEqual([700, false]);
    expect(await replay({ reason: 'invalid' }, timeFor(9))).toMatchObject({ accepted: 0, more: false });
  });

  test('given whole requests, then no batch holds more than 8 MB of them, so that a function’s memory suffices', async () => {
    await start(strict);
    for (let i = 0; i < 20; i++) await world.post('/events/other', JSON.stringify([{ at, page: `p${i}`, text: 'x'.repeat(500_000) }]), {});
    world.deploy({ ...pipeline, events: { ...pipeline.events, other: pipeline.events.note as NonNullable<typeof pipeline.events.note> } }, {});
    // One file of them, as Firehose writes it.
    const keys: string[] = [];
    for await (const { key } of world.lake.list('quarantine/', '')) keys.push(key);
    const files = await Promise.all(keys.map(async (key) => gunzipSync((await world.lake.get(key)) ?? '')));
    await world.lake.remove(keys);
    await world.lake.put(keys[0] ?? '', gzipSync(Buffer.concat(files)));
    let checks = 0;
    const answer = await replay({ reason: 'unknown-type' }, () => {
      checks++;
      return 60_000;
    });
    // They are larger than an event may be, and stay.
    expect([answer.remaining, checks]).toEqual([20, 2]);
  });

  test.each(['quarantine', 'generations/x#1', 'quarantine/reason=invalid/x', `quarantine/${'x'.repeat(2_000)}#1`])(
    'given after: %s, then 400',
    async (after) => {
      await start();
      expect((await world.post('/quarantine/replay', JSON.stringify({ after }), {})).status).toBe(400);
    },
  );
});

test('given more dead letters than there is time for, then a replay says that there are more', async () => {
  await start();
  for (const n of [1, 2, 3])
    await world.deadLetters.add({
      consumer: 'index-entities',
      shard: 'changes',
      reason: 'Expired',
      attempts: 1,
      error: null,
      buriedAtMs: n,
      contents: [{ sequenceNumber: String(n), lane: '0', arrivedAtMs: n, data: new Uint8Array() }],
    });
  const call = async (msLeft: readonly number[]) => {
    const left = [...msLeft];
    const { body } = await world
      .functions()
      .letters(httpRequest('POST /dead-letters/replay', { body: '{}' }), { getRemainingTimeInMillis: () => left.shift() ?? 0 });
    const { letters, more } = JSON.parse(String(body));
    return [letters.length, more];
  };
  expect([await call([60_000, 60_000]), await call([60_000, 60_000, 60_000])]).toEqual([
    [2, true],
    [3, false],
  ]);
});
