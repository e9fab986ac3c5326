import { count, definePipeline, entity, eq, event, latest, metric, sum, top } from 'twinstream';
import { z } from 'zod';
import { SearchUnavailableError } from '../../shared/ports/search-index.ts';
import { random, seeds } from '../../testing/random.ts';
import { some } from '../support/long.ts';
import { type System, system } from '../support/system.ts';
import { anyText } from '../support/texts.ts';

const edit = event(z.object({ at: z.iso.datetime(), page: z.string(), user: z.string(), added: z.int(), gone: z.boolean() }), { time: 'at', id: 'at' });
const common = { events: { edit }, metrics: { edits: metric(edit, { measures: { edits: count() } }) } };
const pipeline = definePipeline({
  ...common,
  entities: {
    page: entity(edit, {
      key: edit.page,
      tombstone: eq(edit.gone, true),
      fields: { title: latest(edit.page), editor: latest(edit.user), at: latest(edit.at), edits: count(), added: sum(edit.added), editors: top(edit.user) },
      search: ['title'],
    }),
    editor: entity(edit, { key: edit.user, fields: { edits: count() } }),
  },
});
const NOW = Date.parse('2026-11-21T10:00:00Z');

let world: System;
let minute = 0;
const post = async (...events: readonly { page: string; user?: string; added?: number; gone?: boolean }[]) => {
  const body = events.map((one) => ({ at: new Date(NOW - 86_400_000 + 60_000 * minute++).toISOString(), user: 'u', added: 1, gone: false, ...one }));
  expect((await world.post('/events/edit', JSON.stringify(body), {})).status).toBe(202);
  await world.materialize();
  await world.index();
};
const get = (path: string) => world.get(path, {});
const keys = async (query: string): Promise<string[]> => (await get(`/entities/page?${query}`)).body.hits.map(({ key }: { key: string }) => key);
beforeEach(async () => {
  minute = 0;
  world = await system({ pipeline, shards: 2, startMs: NOW });
});
afterEach(() => world.close());

describe('given edits that were posted', () => {
  test('then their pages are found as they stand, change as they change, go, and come back', async () => {
    await post({ page: "Wikipedia:Administrators' noticeboard/Incidents", user: 'Jimbo', added: 5 }, { page: 'Other' });
    const found = await get('/entities/page?q=administrators+wikipedia');
    expect(found).toMatchObject({ status: 200, body: { total: 1, cursor: null } });
    expect(found.headers.get('cache-control')).toBe('no-store');
    expect(found.body.hits).toEqual([
      {
        key: "Wikipedia:Administrators' noticeboard/Incidents",
        score: expect.any(Number),
        entity: {
          title: "Wikipedia:Administrators' noticeboard/Incidents",
          editor: 'Jimbo',
          at: '2026-11-20T10:00:00.000Z',
          edits: 1,
          added: 5,
          editors: [{ value: 'Jimbo', count: 1 }],
        },
        highlights: { title: '<mark>Wikipedia</mark>:<mark>Administrators</mark>&#39; noticeboard/Incidents' },
      },
    ]);
    await post({ page: 'Other', added: 7 });
    expect((await get('/entities/page?q=other')).body.hits).toMatchObject([{ entity: { edits: 2, added: 8 } }]);
    await post({ page: 'Other', gone: true });
    expect([await keys('q=other'), (await get('/entities/page')).body.total, (await get('/entities/page/Other')).status]).toEqual([[], 1, 404]);
    await post({ page: 'Other' });
    expect([await keys('q=other'), (await get('/entities/page/Other')).status]).toEqual([['Other'], 200]);
  });

  test('then one of them is answered by its key, with slashes in it or not, and not again while it is as it was', async () => {
    await post({ page: 'a/b c?', added: 3 }, { page: 'é%2F' });
    for (const path of ['/entities/page/a%2Fb%20c%3F', '/entities/page/a/b%20c%3F']) {
      const reply = await get(path);
      expect(reply.body).toEqual({ title: 'a/b c?', editor: 'u', at: expect.any(String), edits: 1, added: 3, editors: [{ value: 'u', count: 1 }] });
      const again = await world.get(path, { 'if-none-match': reply.headers.get('etag') as string });
      expect([again.status, again.text]).toEqual([304, '']);
    }
    expect((await get(`/entities/page/${encodeURIComponent('é%2F')}`)).status).toBe(200);
    const before = (await get('/entities/page/a%2Fb%20c%3F')).headers.get('etag') as string;
    await post({ page: 'a/b c?' });
    expect(await world.get('/entities/page/a%2Fb%20c%3F', { 'if-none-match': before })).toMatchObject({ status: 200, body: { edits: 2 } });
  });

  test('then filters and orders are as for metrics: commas between values, a minus sorts downwards', async () => {
    await post(...['a', 'b', 'b', 'c,d', 'c,d', 'c,d'].map((page) => ({ page })));
    expect(await keys('order=-edits')).toEqual(['c,d', 'b', 'a']);
    expect(await keys('order=at&limit=1')).toEqual(['a']);
    expect(await keys('filter[title]=a,c%2Cd')).toEqual(['a', 'c,d']);
    expect(await keys('filter[edits]=2..')).toEqual(['b', 'c,d']);
    expect(await keys('filter[at]=2026-11-20T10:01:00Z..2026-11-20T10:03:00Z')).toEqual(['b']);
    expect(await keys('filter[at]=-24h..&filter[edits]=1,3')).toEqual(['a', 'c,d']);
  });
});

describe('given a question that cannot be answered, then it is said what was expected', () => {
  const FIELDS = 'filter[title], filter[editor], filter[at], filter[edits], filter[added]';
  test.each([
    ['filter[views]=1', `Expected the parameters q, order, limit, cursor, ${FIELDS}, got 'filter[views]'`],
    ['filter[editors]=u', `Expected the parameters q, order, limit, cursor, ${FIELDS}, got 'filter[editors]'`],
    ['order=title', "order: Expected one of at, edits, added, got 'title'"],
    ['order=views', "order: Expected one of at, edits, added, got 'views'"],
    ['order=edits,added', 'order: Expected one value, got 2'],
    ['limit=0', "limit: Expected a whole number from 1 to 1000, got '0'"],
    ['limit=1001', "limit: Expected a whole number from 1 to 1000, got '1001'"],
    ['filter[edits]=many', "filter[edits]: Expected numbers, or ranges such as 10..100, got 'many'"],
    ['filter[edits]=', "filter[edits]: Expected numbers, or ranges such as 10..100, got ''"],
    ['filter[edits]=1e999', "filter[edits]: Expected numbers, or ranges such as 10..100, got '1e999'"],
    ['filter[edits]=0x10', "filter[edits]: Expected numbers, or ranges such as 10..100, got '0x10'"],
    ['filter[edits]=..', "filter[edits]: Expected a range such as 10..100, 10.. or ..100, got '..'"],
    ['filter[edits]=1..2..3', "filter[edits]: Expected a range such as 10..100, 10.. or ..100, got '1..2..3'"],
    ['filter[at]=soon..', "filter[at]: Expected ISO 8601 such as 2015-09-12 or 2015-09-12T10:00:00Z, or relative such as -24h, got 'soon'"],
    [`filter[title]=${'a,'.repeat(100)}`, 'filter[title]: Expected at most 100 values, got 101'],
    [`q=${'x'.repeat(1_001)}`, 'q: Expected at most 1000 characters, got 1001'],
    [`q=${'x '.repeat(33)}`, 'q: Expected at most 32 words and phrases, got 33'],
    [`q=${'x'.repeat(10_240)}`, 'Expected a query string of at most 8192 characters, got 10242'],
    ['cursor=', "cursor: Expected the cursor of an answer, got ''"],
    ['cursor=abc', "cursor: Expected the cursor of an answer, got 'abc'"],
  ])('%s', async (query, detail) => {
    expect(await get(`/entities/page?${query}`)).toMatchObject({ status: 400, body: { type: 'urn:twinstream:problem:bad-request', detail } });
  });

  test('q of an entity that names no fields to search', async () => {
    expect(await get('/entities/editor?q=a')).toMatchObject({
      status: 400,
      body: { detail: 'q: Expected none, since editor names no fields in search; filter by its fields instead' },
    });
  });

  test.each(['nothing', 'toString', '__proto__', 'Page'])('the entity %s', async (name) => {
    for (const path of [`/entities/${name}`, `/entities/${name}/a`])
      expect(await get(path)).toMatchObject({ status: 404, body: { detail: `There is no entity '${name}'. Expected one of page, editor.` } });
  });

  test('a stage without search: 501 for a search, while one entity is answered', async () => {
    await post({ page: 'a' });
    world.deploy(pipeline, { index: null });
    expect(await get('/entities/page?q=a')).toMatchObject({ status: 501, body: { type: 'urn:twinstream:problem:no-search', status: 501 } });
    expect((await get('/entities/page/a')).status).toBe(200);
    await post({ page: 'b' });
    await expect(world.reindex({ entities: ['page'] })).rejects.toThrow('Expected a stage with search, got one without');
    expect(await world.reindex({})).toEqual([]);
  });

  test('an index that is down: 503 with Retry-After; another failure: 500', async () => {
    const failing = (error: Error) => world.deploy(pipeline, { index: { ...(world.parts.index as object), search: () => Promise.reject(error) } as never });
    failing(new SearchUnavailableError('down'));
    const reply = await get('/entities/page');
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5']);
    failing(new Error('odd'));
    expect((await get('/entities/page')).status).toBe(500);
  });
});

describe('cursors', () => {
  const cursorOf = async (query: string): Promise<string> => (await get(`/entities/page?${query}&limit=1`)).body.cursor ?? '';

  test('go on with the question that gave them, and with no other', async () => {
    await post(...['a x', 'b x', 'c x'].map((page) => ({ page })));
    const questions = [
      '',
      'q=x',
      'q=X',
      'order=edits',
      'order=-edits',
      'q=x&order=edits',
      'filter[edits]=1',
      'filter[edits]=1..',
      'filter[edits]=1&order=edits',
    ];
    for (const asked of questions) {
      const cursor = await cursorOf(asked);
      for (const other of questions) {
        const reply = await get(`/entities/page?${other}&limit=2&cursor=${cursor}`);
        expect([asked, other, reply.status]).toEqual([asked, other, asked === other ? 200 : 400]);
        if (asked === other) expect(reply.body.hits).toHaveLength(2);
      }
      expect((await get(`/entities/editor?cursor=${cursor}`)).status).toBe(400);
    }
  });

  test('go on after what was deleted or changed meanwhile', async () => {
    await post(...['a', 'b', 'c'].map((page) => ({ page })));
    const cursor = await cursorOf('order=edits');
    await post({ page: 'a', gone: true }, { page: 'c' }, { page: 'ab' });
    expect(await keys(`order=edits&cursor=${cursor}`)).toEqual(['ab', 'b', 'c']);
  });

  test.each(some(seeds(4), 2))('that were changed, seed %i, are refused or continue, and break nothing', async (seed) => {
    const r = random(seed);
    await post(...['a x', 'b x', 'c x'].map((page) => ({ page })));
    for (const asked of ['', 'q=x', 'order=-edits']) {
      const cursor = await cursorOf(asked);
      const place = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
      for (let i = 0; i < 60; i++) {
        const changed = [...place];
        changed[r.integer(0, 3)] = r.pick<unknown>([null, 0, -1, 1e308, 'x', '', {}, [], true, 'a'.repeat(3_000), anyText(r, 5)]);
        const text = r.chance(0.5)
          ? Buffer.from(JSON.stringify(changed)).toString('base64url')
          : [...cursor].map((letter) => (r.chance(0.05) ? r.pick([...'aZ0_-=+/.']) : letter)).join('');
        const reply = await get(`/entities/page?${asked}&cursor=${encodeURIComponent(text)}`);
        expect([seed, asked, text, [200, 400].includes(reply.status)]).toEqual([seed, asked, text, true]);
      }
    }
  });
});

test.each(some(seeds(4), 2))('given any text for any parameter, seed %i, then the answer is 200 or 400', async (seed) => {
  const r = random(seed);
  await post({ page: 'a "b" c' }, { page: '東京' });
  const names = ['q', 'order', 'limit', 'cursor', 'filter[title]', 'filter[edits]', 'filter[at]', 'filter[x]'];
  for (let i = 0; i < 150; i++) {
    const query = Array.from({ length: r.integer(1, 3) }, () => {
      const value = r.chance(0.3) ? r.pick(['edits', '-edits', '1..', '1..2', '..', '-24h..', '5', 'a,b', '"', '*', 'AND (', ':']) : anyText(r, 40);
      return `${r.pick(names)}=${r.chance(0.9) ? encodeURIComponent(value) : value.replace(/[^\x21-\x7e]|#/g, '%')}`;
    }).join('&');
    const { status, body } = await get(`/entities/page?${query}`);
    expect([seed, query, status === 200 || (status === 400 && typeof body.detail === 'string')]).toEqual([seed, query, true]);
  }
});
