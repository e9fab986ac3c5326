import type { ExplainedEvents, ExplainedValues } from '../../shared/explain/explained.ts';
import { ask, explain, idsOf, post, RANGE, world } from './visits-world.ts';

test('given events in both layers, then a number lists them, the live ones first, with what the metric reads and no more', async () => {
  await post({ id: 'a', page: '/x', ms: 7, secret: 'mine' }, { id: 'b', page: '/y' });
  await world.drain();
  await world.publish();
  await post({ id: 'c', page: '/x', ms: 200 }, { id: 'a', page: '/x', ms: 7 });
  await world.drain();
  const { rows, cut } = await ask(`${RANGE}&by=page&measures=visits`);
  expect(rows).toMatchObject([
    { page: '/x', visits: 2 },
    { page: '/y', visits: 1 },
  ]);
  const list = await explain(`${RANGE}&by=page&measures=visits&cut=${cut}&window=${rows[0]?.window}&group=["/x"]`);
  expect(list.body).toMatchObject({ group: { page: '/x' }, reads: ['ms', 'page', 'user'], total: 2, batch: 1, live: 1, items: 2, cursor: null });
  expect(idsOf(list)).toEqual(['c live', 'a batch']);
  expect(list.body.events[1]?.data).toEqual({ page: '/x', ms: 7, user: 'u' });
  expect(list.headers.get('cache-control')).toBe('no-store');
});

test('given a page that is too short, then its cursor goes on, through both layers, and ends', async () => {
  await post(...Array.from({ length: 5 }, (_, i) => ({ id: `old${i}` })));
  await world.drain();
  await world.publish();
  await post(...Array.from({ length: 4 }, (_, i) => ({ id: `new${i}` })));
  await world.drain();
  const { cut } = await ask(RANGE);
  const all = idsOf(await explain(`${RANGE}&cut=${cut}`));
  const paged: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { readonly body: ExplainedEvents } = await explain(`${RANGE}&cut=${cut}&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(page.body).toMatchObject({ total: 9, batch: 5, live: 4 });
    paged.push(...idsOf(page));
    cursor = page.body.cursor;
  }
  expect([all.length, paged]).toEqual([9, all]);
});

test('given a measure, then only the events that it takes are listed, and with a value, only those of the value', async () => {
  const ms = [1, 100, 101, 102, 900];
  await post(...ms.map((one, i) => ({ id: `v${i}`, ms: one, user: `u${i % 2}`, page: '/x' })));
  await world.drain();
  if ((await world.publish()) === null) throw new Error('Expected a generation');
  await post({ id: 'v9', ms: 103, user: 'u0' });
  await world.drain();
  const { cut, rows } = await ask(RANGE);
  const ids = async (more: string) =>
    idsOf(await explain(`${RANGE}&cut=${cut}&${more}`))
      .map((text) => text.split(' ')[0])
      .sort();
  expect(await ids('measure=slow')).toEqual(['v1', 'v2', 'v3', 'v4', 'v9']);
  expect(await ids('measure=users&value=u1')).toEqual(['v1', 'v3']);
  expect(await ids('measure=worst&value=900')).toEqual(['v4']);
  expect(await ids('measure=pages&value=/x')).toEqual(['v0', 'v1', 'v2', 'v3', 'v4']);
  // The bucket of the median, 99.84 to 101.12, which 100 represents.
  expect(rows[0]?.ms).toMatchObject({ p50: 100 });
  expect(await ids('measure=ms&value=100')).toEqual(['v1', 'v2']);
  const values = await explain<ExplainedValues>(`${RANGE}&cut=${cut}&measure=users&list=values`);
  expect(values.body).toMatchObject({
    total: 2,
    values: [
      { value: 'u0', events: 4 },
      { value: 'u1', events: 2 },
    ],
  });
});

test.each([
  ['', /^cut: Expected the cut of an answer/],
  ['&cut=abc', /^cut: Expected the cut of an answer, got 'abc'/],
  ['&cut=CUT&window=2026-11-21T09:00:30.000Z&every=1h', /^window: Expected the window of a row/],
  ['&cut=CUT&by=page&group=x', /^group: Expected the row's 1 values/],
  ['&cut=CUT&by=page&group=[1]', /^group: Expected a value of page, which is text/],
  ['&cut=CUT&measure=none', /^measure: Expected one of visits, slow/],
  ['&cut=CUT&measure=share', /^measure: Expected a measure, share is a formula/],
  ['&cut=CUT&value=1', /^value: Expected measure with it/],
  ['&cut=CUT&measure=worst&value=1.5', /^value: Expected a whole number/],
  ['&cut=CUT&measure=visits&list=values', /^measure: Expected one that takes a value/],
  ['&cut=CUT&cursor=abc', /^cursor: Expected the cursor of an answer/],
  ['&cut=CUT&measure=users&list=values&cursor=abc', /^cursor: Expected none with list=values/],
  ['&cut=CUT&limit=1001', /^limit: Expected a whole number/],
  ['&cut=CUT&offset=1', /^Expected the question without offset/],
])('given %s, then 400 says what was expected', async (more, detail) => {
  await post({ id: 'a' });
  await world.drain();
  const { cut } = await ask(RANGE);
  expect(await explain(`${RANGE}${more.replace('CUT', String(cut))}`)).toMatchObject({ status: 400, detail: expect.stringMatching(detail) });
});

test.each(["it's", 'a,b', '%', '\u0000', '"]; DROP TABLE x; --', '😀'])('given a value like %j, then it is found as it is, in both layers', async (page) => {
  await post({ id: 'a', page }, { id: 'b', page: `${page}.` });
  await world.drain();
  await world.publish();
  await post({ id: 'c', page });
  await world.drain();
  const { cut } = await ask(`${RANGE}&by=page`);
  const group = encodeURIComponent(JSON.stringify([page]));
  expect(idsOf(await explain(`${RANGE}&by=page&cut=${cut}&window=2026-11-21T00:00:00.000Z&group=${group}`))).toEqual(['c live', 'a batch']);
  const filter = encodeURIComponent(page);
  expect(idsOf(await explain(`${RANGE}&filter[page][prefix][]=${filter}&cut=${cut}`)).length).toBe(3);
});
