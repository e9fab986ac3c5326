import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ExplainedEvents, ExplainedValues } from '../../shared/explain/explained.ts';
import { count, definePipeline, metric } from '../../shared/pipeline.ts';
import { readPinned } from '../../shared/query/pinned.ts';
import { ask, NINE, pipeline, post, RANGE, type Visit, visit, world } from './visits-world.ts';

const explain = async <R = ExplainedEvents>(query: string, name = 'visits') => {
  const { status, body, text, headers } = await world.get(`/metrics/${name}/explain?${query}`, {});
  return { status, text, headers, body: body as unknown as R, detail: body.detail };
};
const idsOf = ({ body }: { readonly body: ExplainedEvents }) => body.events.map(({ id, place }) => `${id} ${place}`);

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

test('given events after the answer, also in its own windows, then its cut still lists what it counted', async () => {
  await post({ id: 'a' });
  await world.drain();
  const { cut } = await ask(RANGE);
  await post({ id: 'b' });
  await world.drain();
  expect(idsOf(await explain(`${RANGE}&cut=${cut}`))).toEqual(['a live']);
  const later = await ask(RANGE);
  expect(idsOf(await explain(`${RANGE}&cut=${later.cut}`)).sort()).toEqual(['a live', 'b live']);
  // A generation later, too: the older one is kept.
  await world.publish();
  await world.publish();
  expect(idsOf(await explain(`${RANGE}&cut=${cut}`))).toEqual(['a live']);
});

test('given a cell that is ahead of the progress when it is read, then the cut names its position', async () => {
  await post({ id: 'a' });
  await world.drain();
  const progress = (await world.store.query({ partition: 'progress', from: 'aggregate#', to: 'aggregate$' })).map((cell) => ({ ...cell }));
  await post({ id: 'b' });
  await world.drain();
  const versions = new Map(
    (await world.store.query({ partition: 'progress', from: 'aggregate#', to: 'aggregate$' })).map(({ sort, version }) => [sort, version]),
  );
  // As if the consumer had ended between its cells and its progress.
  const written = await world.store.put(progress.map((cell) => ({ cell, expected: versions.get(cell.sort) ?? null, expiresAtMs: null })));
  expect(written.every((one) => one)).toBe(true);
  const { cut, rows } = await ask(RANGE);
  expect(rows[0]?.visits).toBe(2);
  expect(readPinned(cut ?? '')?.ahead.length).toBeGreaterThan(0);
  expect(idsOf(await explain(`${RANGE}&cut=${cut}`)).sort()).toEqual(['a live', 'b live']);
});

test('given a generation that is gone, then its cut is refused, and never explained by another', async () => {
  await post({ id: 'a' });
  await world.drain();
  await world.publish();
  const { cut } = await ask(RANGE);
  for (let i = 0; i < 5; i++) {
    await post({ id: `later${i}` });
    await world.drain();
    await world.publish();
    world.advance(3_600_000);
  }
  expect(await explain(`${RANGE}&cut=${cut}`)).toMatchObject({ status: 409, detail: expect.stringMatching(/g000001 is gone. Ask for the answer again/) });
});

test('given a changed definition, then its old cut is refused', async () => {
  await post({ id: 'a' });
  await world.drain();
  const { cut } = await ask(RANGE);
  world.deploy(definePipeline({ events: { visit }, metrics: { visits: metric(visit, { measures: { visits: count() } }) } }), {});
  expect((await explain(`${RANGE}&cut=${cut}`)).status).toBe(409);
});

test('given events that left the live layer short, then the list is refused, not shown short', async () => {
  await post({ id: 'a' });
  await world.drain();
  await post({ id: 'b' });
  await world.drain();
  const { cut } = await ask(RANGE);
  // A file of the lake that somebody removed: its lines are in no list.
  for await (const { key } of world.lake.list('raw/', '')) {
    await world.lake.remove([key]);
    break;
  }
  expect((await explain(`${RANGE}&cut=${cut}`)).status).toBe(409);
});

describe('given a record that the speed layer discarded', () => {
  const waiting = async (): Promise<string[]> => {
    const shards = (await world.log.shards()).map(async ({ id }) =>
      (await world.waiting('aggregate', id)).map(({ sequenceNumber }) => `${id} ${sequenceNumber}`),
    );
    return (await Promise.all(shards)).flat();
  };
  /** Takes what waits into both layers, but for some records, which only the archive takes. */
  const drainWithout = async (skipped: readonly string[]): Promise<void> => {
    for (const { id: shard } of await world.log.shards()) {
      const records = (await world.waiting('aggregate', shard)).filter(({ sequenceNumber }) => !skipped.includes(`${shard} ${sequenceNumber}`));
      if (records.length > 0) expect(await world.functions().aggregate({ shard, records })).toEqual({ failedFrom: null });
    }
    await world.archive();
  };
  const several = (name: string, more: Partial<Visit> = {}): Visit[] => Array.from({ length: 6 }, (_, i) => ({ id: `${name}${i}`, ...more }));

  test('then its number is refused, also while the same cells get more', async () => {
    await post(...several('lost'));
    const lost = await waiting();
    await post(...several('kept'));
    await drainWithout(lost);
    const { rows, cut } = await ask(RANGE);
    expect(rows[0]?.visits).toBe(6);
    const refused = { status: 409, detail: expect.stringMatching(/^Expected \d+ live events in \d+ cells, as many as were counted, found \d+/) };
    expect(await explain(`${RANGE}&cut=${cut}`)).toMatchObject(refused);
    await post(...several('later'));
    await world.drain();
    expect(await explain(`${RANGE}&cut=${cut}`)).toMatchObject(refused);
    expect(await explain(`${RANGE}&cut=${cut}&measure=users&list=values`)).toMatchObject(refused);
  });

  test('then the groups and windows that lack nothing are listed', async () => {
    await post(...several('lost', { page: '/lost' }));
    const lost = await waiting();
    await post(...several('kept', { page: '/kept' }));
    await drainWithout(lost);
    await post(...several('hour', { page: '/lost', at: '2026-11-21T10:00:00.000Z' }));
    await world.drain();
    const { cut } = await ask(`${RANGE}&by=page&every=1h`);
    await post(...several('later', { page: '/kept' }));
    await world.drain();
    const row = (page: string, window: string) => explain(`${RANGE}&by=page&every=1h&cut=${cut}&window=${window}&group=["${page}"]`);
    expect((await row('/kept', NINE)).body.total).toBe(6);
    expect((await row('/lost', '2026-11-21T10:00:00.000Z')).body.total).toBe(6);
    expect((await row('/lost', NINE)).status).toBe(409);
  });
});

test('given epochs after the answer, also of a long time later, then its cut lists what it counted, and is compared with no more than its own epoch', async () => {
  await post({ id: 'a' }, { id: 'b' });
  await world.drain();
  const { cut } = await ask(RANGE);
  for (let i = 0; i < 3; i++) {
    world.advance(60_000);
    await post({ id: `later${i}` }, { id: `late${i}`, at: '2026-11-21T08:00:00.000Z' });
    await world.aggregate();
    if (i === 0) await world.archive();
  }
  expect(idsOf(await explain(`${RANGE}&cut=${cut}`)).sort()).toEqual(['a live', 'b live']);
  // The log past that epoch is not needed.
  for await (const { key } of world.lake.list('raw/epoch=20261121T1001', '')) await world.lake.remove([key]);
  expect(idsOf(await explain(`${RANGE}&cut=${cut}`)).sort()).toEqual(['a live', 'b live']);
});

/** A cut as somebody could write it, from the one of an answer. */
const forged = (cut: string | null | undefined, change: (form: unknown[]) => void): string => {
  const form = JSON.parse(inflateRawSync(Buffer.from(cut ?? '', 'base64url')).toString()) as unknown[];
  change(form);
  return deflateRawSync(JSON.stringify(form)).toString('base64url');
};
const manyShards = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`shard-${i}`, '1']));

test('given a cut with shards that the log does not have, then it is refused before anything of them is read', async () => {
  await post({ id: 'a' });
  await world.drain();
  const { cut } = await ask(RANGE);
  const reads: string[] = [];
  const list: typeof world.parts.lake.list = (prefix, from) => {
    reads.push(prefix);
    return world.parts.lake.list(prefix, from);
  };
  world.deploy(pipeline, { lake: { ...world.parts.lake, list } });
  for (const [form, status, detail] of [
    [forged(cut, (of) => Object.assign(of[3] as object, { 'shard-9': '1' })), 409, /^The log has no shard shard-9\./],
    [forged(cut, (of) => (of[4] as unknown[]).push([0, 'shard-9.1', '2026-11-21T09:00', '1'])), 409, /^The log has no shard shard-9\./],
    [forged(cut, (of) => Object.assign(of[3] as object, manyShards(400))), 409, /^The log has no shard shard-0\./],
    [forged(cut, (of) => Object.assign(of[3] as object, manyShards(500))), 400, /^cut: Expected the cut of an answer/],
  ] as const)
    expect(await explain(`${RANGE}&cut=${form}`)).toMatchObject({ status, detail: expect.stringMatching(detail) });
  expect(reads).toEqual([]);
});

test('given a cut with a position that the log has not reached, then it is refused', async () => {
  await post({ id: 'a' });
  await world.drain();
  const { cut } = await ask(RANGE);
  const ahead = forged(cut, (of) => {
    for (const shard of Object.keys(of[3] as object)) (of[3] as Record<string, string>)[shard] = '9'.repeat(40);
  });
  expect(await explain(`${RANGE}&cut=${ahead}`)).toMatchObject({ status: 409, detail: expect.stringMatching(/^The log has no records of/) });
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
