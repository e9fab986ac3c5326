import { createClient, TwinstreamError } from '../../client/client.ts';
import { EVENTS, NOW, pipeline } from '../support/edits.ts';
import { type System, system } from '../support/system.ts';

let world: System;
beforeAll(async () => {
  world = await system({ pipeline, shards: 2, startMs: Date.parse(NOW) });
  await world.post('/events/edit', JSON.stringify(EVENTS), { 'idempotency-key': 'all' });
  await world.drain();
});
afterAll(() => world.close());

const client = () => createClient<typeof pipeline>(`${world.url}/`);
const DAY = { from: '2015-09-12', to: new Date('2015-09-13T00:00:00Z') };

test('given a question of dimensions and measures, then rows have these and no others', async () => {
  const answer = await client().ask('edits', { ...DAY, by: ['channel', 'robot'], measures: ['edits', 'sizes'], order: ['-edits', 'channel'], limit: 2 });
  expect(answer.rows).toEqual([
    { window: '2015-09-12T00:00:00.000Z', channel: 'en', robot: false, edits: 2, sizes: { p50: 10, p90: 20, p99: 20 } },
    { window: '2015-09-12T00:00:00.000Z', channel: 'de', robot: true, edits: 1, sizes: { p50: -5, p90: -5, p99: -5 } },
  ]);
  expect(answer).toMatchObject({ metric: 'edits', definition: pipeline.metrics.edits?.hash, every: 'all', provenance: { generation: null } });
  const [row] = answer.rows;
  expect((row?.edits ?? 0) + (row?.sizes.p90 ?? 0)).toBe(22);
});

test('given no measures, then rows have all of them', async () => {
  const { rows, estimates } = await client().ask('edits', DAY);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ edits: 5, added: 32, usual: 6.4, least: -5, most: 'C', last: 'C' });
  expect(rows[0]?.pages[0]).toEqual({ value: 'A', count: 2 });
  expect(estimates).toEqual({ editors: 0.016 });
});

test('given filters, also of values with commas and spaces, then each value is one value', async () => {
  const edits = async (filter: Parameters<ReturnType<typeof client>['ask']>[1] & object) =>
    (await client().ask('edits', { ...DAY, measures: ['edits'], ...filter })).rows[0]?.edits;
  expect(await edits({ filter: { channel: 'fr,be' } })).toBe(1);
  expect(await edits({ filter: { channel: ['en', 'fr,be'], robot: false } })).toBe(2);
  expect(await edits({ filter: { size: [10, -5] } })).toBe(2);
  expect(await edits({ filter: { channel: 'a+b&c' } })).toBe(0);
  expect(await edits({ filter: { channel: null } })).toBe(1);
  expect(await edits({ filter: { channel: { not: 'fr,be', is: 'value' }, size: { gte: 5, lt: 20 } } })).toBe(1);
  await expect(client().ask('edits', { filter: { channel: [] } })).rejects.toThrow('filter[channel]: Expected at least one value, got none');
});

test('given windows of another zone, then they begin there', async () => {
  const { rows } = await client().ask('slow', { from: '2015-09-12', to: '2015-09-13', every: '1d', tz: 'Europe/Berlin', by: [] });
  expect(rows).toEqual([{ window: '2015-09-11T22:00:00.000Z', edits: 4 }]);
});

test('given a question that cannot be answered, then the error has the status and says what was expected', async () => {
  const error = await client()
    .ask('edits', { from: 'soon' })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TwinstreamError);
  expect(error).toMatchObject({ status: 400, message: expect.stringMatching(/^GET \/metrics\/edits answered 400: from: Expected ISO 8601/) });
  await expect(createClient<typeof pipeline>('http://127.0.0.1:1').ask('edits')).rejects.toMatchObject({
    name: 'TwinstreamError',
    status: 0,
    message: expect.stringContaining('got no answer'),
  });
  await expect(client().ask('edits', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
});

test('given what rows are compared with and cut by, then they have the types and the values of that', async () => {
  const { rows, totals } = await client().ask('edits', {
    ...DAY,
    by: ['channel', '@month'],
    measures: ['edits', 'added'],
    having: { edits: { gte: 1 }, 'sizes.p50': { gte: 0 } },
    order: '-edits',
    top: 1,
    other: true,
    totals: true,
    compare: { from: '2015-09-11', to: new Date('2015-09-12') },
  });
  const [rest, first] = rows;
  expect([first?.channel, first?.['@month'], first?.edits, first?.previous?.edits, first?.other]).toEqual(['en', 9, 2, 0, undefined]);
  expect([rest?.channel, rest?.edits, rest?.other]).toEqual([null, 3, true]);
  expect(totals).toEqual({ edits: 5, added: 32 });
});

test('given several questions, then each has its own answer, all of one generation', async () => {
  const { day, months } = await client().askAll({
    day: { metric: 'edits', ...DAY, by: ['channel'], measures: ['edits'], filter: { channel: ['en', 'fr,be'] }, order: '-edits' },
    months: { metric: 'slow', from: '2015-01-01', to: '2016-01-01', every: '1mo' },
  });
  expect(day.rows.map(({ channel, edits }) => [channel, edits])).toEqual([
    ['en', 2],
    ['fr,be', 1],
  ]);
  expect(months.rows.map(({ edits }) => edits)).toEqual([5, 1]);
  await expect(client().askAll({ day: { metric: 'edits', from: 'soon' } })).rejects.toThrow('POST /query answered 400: queries.day: from: Expected ISO 8601');
});

test('given a token, then calls carry it', async () => {
  const seen: (string | null)[] = [];
  const fetched: typeof fetch = (url, init) => {
    seen.push(new Headers(init?.headers).get('authorization'));
    return fetch(url, init);
  };
  await createClient<typeof pipeline>(world.url, { token: 'abc', surroundings: { fetch: fetched } }).ask('slow');
  expect(seen).toEqual(['Bearer abc']);
});

test('given events, then the status says how many came', async () => {
  expect(await client().status()).toMatchObject({ events: { total: EVENTS.length }, lag: { shards: [{}, {}] } });
});
