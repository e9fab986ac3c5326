import type { Generation } from '../../shared/batch/generations.ts';
import type { Reply } from '../support/checked-calls.ts';
import type { System } from '../support/system.ts';
import { names, post, start, strict, world } from './notes-world.ts';

// Lists are paged by what fits into an answer of Lambda.

const MB = 1_000_000;
/** What Lambda counts: the answer's text, as a text in JSON. */
const lambdaBytes = (text: string) => Buffer.byteLength(JSON.stringify(text));

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
