import { z } from 'zod';
import { count, definePipeline, event, metric, sum, top } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

/** Windows with more groups or more values than the speed layer keeps: what is said about them, and what the batch layer makes of them. */
const hit = event(z.object({ at: z.iso.datetime(), page: z.string(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({
  events: { hit },
  metrics: {
    groups: metric(hit, { dimensions: { page: hit.page }, measures: { hits: count(), n: sum(hit.n) } }),
    values: metric(hit, { measures: { hits: count(), pages: top(hit.page, { keep: 10, limit: 3 }) } }),
  },
});
const at = '2026-11-21T09:00:00.000Z';
const DAY = 'from=2026-11-21&to=2026-11-22';

let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterEach(() => world.close());
const post = async (key: string, pages: readonly string[]) => {
  const body = pages.map((page, n) => JSON.stringify({ at, page, n })).join('\n');
  expect((await world.post('/events/hit', body, { 'idempotency-key': key, 'content-type': 'application/x-ndjson' })).body.accepted).toBe(pages.length);
};
const ask = async (metric: string, query: string) =>
  (await world.get<{ hits: number; pages: { value: string; count: number }[] }>(`/metrics/${metric}?${DAY}${query}`, {})).body;

test('given more groups in a window than a cell holds, then totals stay exact, the answer says how many events are in no group, and the batch layer tells all groups apart', async () => {
  // Names that compress badly, so that the stored cell is full.
  const pages = Array.from(
    { length: 20_000 },
    (_, i) => `${Math.imul(i, 2_654_435_761) >>> 0}-${Math.imul(i + 7, 40_503) >>> 0}-${Math.imul(i ^ 0x5555, 2_246_822_519) >>> 0}`,
  );
  await post('a', pages);
  await post('b', pages.slice(0, 10));
  await world.drain();
  const total = await ask('groups', '');
  expect(total.rows).toMatchObject([{ hits: 20_010, n: (20_000 * 19_999) / 2 + 45 }]);
  const { events = 0, incomplete } = total.provenance.overflow ?? {};
  expect([events > 0, events < 20_010, incomplete]).toEqual([true, true, []]);
  const groups = await ask('groups', '&by=page&measures=hits');
  const inGroups = groups.rows.reduce((sum, { hits }) => sum + hits, 0);
  expect([inGroups + events, groups.provenance.overflow?.events]).toEqual([20_010, events]);

  const generation = await world.publish();
  expect(Object.values(generation?.drift ?? {}).map(({ drift }) => drift)).toEqual([0, 0]);
  const batch = await ask('groups', '&by=page&order=-hits&measures=hits');
  expect([batch.rows.length, batch.rows[0]?.hits, batch.rows[10]?.hits, batch.provenance.overflow]).toEqual([20_000, 2, 1, undefined]);
  expect((await ask('groups', '')).rows).toEqual(total.rows);
});

test('given more values than top keeps, then the answer says how much a count may fall short, and the true counts are within that', async () => {
  const hot = Array.from({ length: 30 }, () => 'hot');
  await post(
    'a',
    Array.from({ length: 40 }, (_, i) => `cold ${i}`).flatMap((page) => [page, page]),
  );
  await post('b', hot);
  await world.drain();
  const answer = await ask('values', '');
  const undercount = answer.undercounts?.pages ?? 0;
  expect(undercount).toBeGreaterThan(0);
  const [first = { value: '', count: 0 }, ...others] = answer.rows[0]?.pages ?? [];
  expect([first.value, first.count <= 30, first.count + undercount >= 30]).toEqual(['hot', true, true]);
  for (const { count: n } of others) expect(n).toBeLessThanOrEqual(2);
  // The batch layer keeps ten times more: here, all.
  await world.publish();
  const batch = await ask('values', '');
  expect([batch.rows[0]?.pages, batch.undercounts]).toEqual([
    [
      { value: 'hot', count: 30 },
      { value: 'cold 0', count: 2 },
      { value: 'cold 1', count: 2 },
    ],
    undefined,
  ]);
});
