import type { Fields } from '../../testing/body.ts';
import { editsFrom, NOW, pipeline } from '../support/edits.ts';
import { type System, system } from '../support/system.ts';

type Row = Fields & { readonly window: string };

/** The same questions of the speed layer, of the batch layer, and of half of each: the answers must not differ. */
describe.each(['speed', 'batch', 'both'])('answers from %s', (side) => {
  let world: System;
  beforeAll(async () => {
    world = await editsFrom(side);
  });
  afterAll(() => world.close());

  const DAY = 'from=2015-09-12&to=2015-09-13';
  const ask = async (query: string) => {
    const reply = await world.get<Row>(`/metrics/edits?${query}`, {});
    if (reply.status !== 200) throw new Error(`Expected 200, got ${reply.text}`);
    return reply.body;
  };
  const rows = async (query: string) => (await ask(query)).rows;

  test('given every=all, then one row holds every measure of the range', async () => {
    expect(await ask(DAY)).toMatchObject({
      metric: 'edits',
      definition: pipeline.metrics.edits?.hash,
      from: '2015-09-12T00:00:00.000Z',
      to: '2015-09-13T00:00:00.000Z',
      every: 'all',
      rows: [
        {
          window: '2015-09-12T00:00:00.000Z',
          edits: 5,
          added: 32,
          usual: 6.4,
          least: -5,
          most: 'C',
          editors: 3,
          sizes: { p50: 7, p90: 20, p99: 20 },
          pages: [
            { value: 'A', count: 2 },
            { value: 'A, "quoted"', count: 1 },
            { value: 'B', count: 1 },
            { value: 'C', count: 1 },
          ],
          last: 'C',
        },
      ],
      estimates: { editors: 0.016 },
    });
  });

  test('given the answer, then its provenance says what it is made of', async () => {
    const { provenance } = await ask(`${DAY}&every=1h`);
    expect(provenance.windows).toEqual({ speed: { batch: 0, both: 2, speed: 3 }[side], batch: { batch: 3, both: 1, speed: 0 }[side] });
    expect(provenance.generation).toBe(side === 'speed' ? null : 'g000001');
    expect(provenance.horizon).toBe(side === 'speed' ? null : '2026-11-21T10:01:00.000Z');
    expect(provenance.speedThrough).toBe(side === 'speed' ? NOW : '2026-11-21T10:01:30.000Z');
  });

  test.each([
    ['1m', ['00:00:00 2', '00:59:00 1', '13:00:00 1', '23:30:00 1']],
    ['5m', ['00:00:00 2', '00:55:00 1', '13:00:00 1', '23:30:00 1']],
    ['15m', ['00:00:00 2', '00:45:00 1', '13:00:00 1', '23:30:00 1']],
    ['1h', ['00:00:00 3', '13:00:00 1', '23:00:00 1']],
    ['6h', ['00:00:00 3', '12:00:00 1', '18:00:00 1']],
    ['1d', ['00:00:00 5']],
  ])('given every=%s, then each window that has events has a row', async (every, expected) => {
    const found = await rows(`${DAY}&every=${every}&measures=edits`);
    expect(found.map(({ window, edits }) => `${window.slice(11, 19)} ${edits}`)).toEqual(expected);
  });

  test('given weeks and months, then weeks begin on Monday, months on their first', async () => {
    const range = 'from=2015-09-01&to=2015-11-01&measures=edits';
    expect([await rows(`${range}&every=7d`), await rows(`${range}&every=1mo`)]).toEqual([
      [
        { window: '2015-09-07T00:00:00.000Z', edits: 5 },
        { window: '2015-09-28T00:00:00.000Z', edits: 1 },
      ],
      [
        { window: '2015-09-01T00:00:00.000Z', edits: 5 },
        { window: '2015-10-01T00:00:00.000Z', edits: 1 },
      ],
    ]);
  });

  test('given a time zone, then windows and local times are those of its clocks', async () => {
    // Berlin is two hours ahead of UTC: its 13 September began at 22:00 UTC.
    expect(await rows('from=2015-09-12&to=2015-09-14&every=1d&measures=edits&tz=Europe/Berlin')).toEqual([
      { window: '2015-09-11T22:00:00.000Z', edits: 4 },
      { window: '2015-09-12T22:00:00.000Z', edits: 1 },
    ]);
    expect(await rows('from=2015-09-01&to=2015-11-01&every=1mo&measures=edits&tz=America/New_York')).toEqual([
      { window: '2015-09-01T04:00:00.000Z', edits: 6 },
    ]);
  });

  test('given by, then there is a row for each group, those without a value among them', async () => {
    const window = '2015-09-12T00:00:00.000Z';
    expect(await rows(`${DAY}&by=channel&measures=edits,added`)).toEqual([
      { window, channel: 'de', edits: 1, added: -5 },
      { window, channel: 'en', edits: 2, added: 30 },
      { window, channel: 'fr,be', edits: 1, added: 0 },
      { window, channel: null, edits: 1, added: 7 },
    ]);
    expect(await rows(`${DAY}&by=robot,channel&measures=edits&every=1d`)).toHaveLength(4);
  });

  test('given filters, then only those groups count, typed as the dimension is', async () => {
    const edits = async (query: string) => (await rows(`${DAY}&measures=edits&${query}`))[0]?.edits ?? 0;
    expect(await edits('filter[channel]=en')).toBe(2);
    expect(await edits('filter[channel]=en,de')).toBe(3);
    expect(await edits('filter%5Bchannel%5D%5B%5D=fr%2Cbe')).toBe(1);
    expect(await edits('filter[channel]=en%2Cde')).toBe(3);
    expect(await edits('filter[robot]=true')).toBe(2);
    expect(await edits('filter[robot]=false&filter[channel]=en')).toBe(2);
    expect(await edits('filter[size]=10,-5')).toBe(2);
    expect(await edits('filter[channel]=none')).toBe(0);
  });

  test('given order and limit, then the rows are cut after they are ordered, and nothing comes last', async () => {
    const channels = async (query: string) => (await rows(`${DAY}&by=channel&${query}`)).map(({ channel }) => channel);
    expect(await channels('order=-edits&limit=1')).toEqual(['en']);
    expect(await channels('order=added')).toEqual(['de', 'fr,be', null, 'en']);
    expect(await channels('order=-channel')).toEqual(['fr,be', 'en', 'de', null]);
    expect(await channels('order=edits,-channel&limit=2')).toEqual(['fr,be', 'de']);
    expect(await channels('order=-last')).toEqual(['fr,be', 'en', null, 'de']);
  });

  test('given a range without events, then there are no rows, but a total has one', async () => {
    for (const range of ['from=2014-01-01&to=2014-02-01', 'from=2015-09-12T00:00Z&to=2015-09-12T00:00Z']) {
      expect((await ask(`${range}&by=channel`)).rows).toEqual([]);
      expect((await ask(`${range}&every=1d`)).rows).toEqual([]);
      expect((await ask(`${range}&measures=edits,added,editors,sizes,pages`)).rows).toMatchObject([
        { edits: 0, added: null, editors: 0, sizes: { p50: null }, pages: [] },
      ]);
    }
  });

  test('given a range that cuts a stored window in two, then 400 names the nearest that does not; a relative one is rounded, and says so', async () => {
    expect(await world.get('/metrics/edits?from=2015-09-12T00:00:30Z&to=2015-09-12T00:59:00Z', {})).toMatchObject({
      status: 400,
      body: {
        detail:
          "from: Expected a multiple of 1m, this metric's window, such as 2015-09-12T00:00:00.000Z or 2015-09-12T00:01:00.000Z, got '2015-09-12T00:00:30Z'",
      },
    });
    expect(await world.get('/metrics/slow?from=2015-09-12&to=2015-09-12T00:30', {})).toMatchObject({ status: 400 });
    const whole = await ask('from=2015-09-12T00:00:00Z&to=2015-09-12T00:59:00Z&measures=edits');
    expect([whole.rounded, whole.rows]).toEqual([undefined, [{ window: '2015-09-12T00:00:00.000Z', edits: 2 }]]);
    const now = new Date(world.clock());
    const from = new Date(now.getTime() - 90_000);
    const relative = await ask('from=-90s&to=now');
    expect(relative.rounded).toEqual({ from: from.toISOString(), to: now.toISOString() });
    expect([relative.from, relative.to]).toEqual([
      `${from.toISOString().slice(0, 16)}:00.000Z`,
      new Date(Math.ceil(now.getTime() / 60_000) * 60_000).toISOString(),
    ]);
  });

  test('given a zone whose offset cuts through stored windows, at some time of the year or always, then 400 says when, instead of a wrong day', async () => {
    const days = (metric: string, zone: string, from: string) =>
      world.get(`/metrics/${metric}?from=${from}&to=2015-11-01&every=1d&measures=edits&tz=${zone}`, {});
    const refused = (time: string) => ({
      status: 400,
      body: { detail: expect.stringContaining(`tz: Expected a zone whose offset is a multiple of 1h, this metric's window, at ${time}`) },
    });
    expect(await days('slow', 'Asia/Kolkata', '2015-09-01')).toMatchObject(refused('2015-10-31T19:00:00.000Z'));
    // Lord Howe Island is 11 hours ahead in summer, ten and a half in winter.
    expect(await days('slow', 'Australia/Lord_Howe', '2015-01-01')).toMatchObject(refused('2015-09-12T'));
    expect((await days('edits', 'Australia/Lord_Howe', '2015-01-01')).body.rows.map(({ window, edits }) => [window, edits])).toEqual([
      ['2015-09-11T13:30:00.000Z', 4],
      ['2015-09-12T13:30:00.000Z', 1],
      ['2015-09-30T13:30:00.000Z', 1],
    ]);
    expect((await days('slow', 'Europe/Berlin', '1900-01-01')).body.rows).toHaveLength(3);
    // Berlin kept local mean time until 1893: that midnight is within a stored window.
    expect(await days('slow', 'Europe/Berlin', '1850-01-01')).toMatchObject({ status: 400 });
  });

  test('given the last second that there is for an end, then everything counts', async () => {
    expect((await world.get('/metrics/slow?from=2015-01-01&to=9999-12-31T23:59:59.999Z', {})).body).toMatchObject({
      to: '9999-12-31T23:00:00.000Z',
      rows: [{ edits: 6 }],
    });
  });

  test("given Grafana's epoch milliseconds and intervals, then they are taken; the range is rounded outwards, and says so", async () => {
    const [from, to] = ['2015-09-12T00:00:30.123Z', '2015-09-12T23:59:30.001Z'].map((at) => Date.parse(at));
    const answer = await ask(`from=${from}&to=${to}&every=12h&measures=edits`);
    expect([answer.from, answer.to]).toEqual(['2015-09-12T00:00:00.000Z', '2015-09-13T00:00:00.000Z']);
    expect(answer.rounded).toEqual({ from: '2015-09-12T00:00:30.123Z', to: '2015-09-12T23:59:30.001Z' });
    expect(answer.rows.map(({ window, edits }) => [window, edits])).toEqual([
      ['2015-09-12T00:00:00.000Z', 3],
      ['2015-09-12T12:00:00.000Z', 2],
    ]);
    expect((await rows(`${DAY}&every=10m&measures=edits`)).map(({ window, edits }) => [window, edits])).toEqual([
      ['2015-09-12T00:00:00.000Z', 2],
      ['2015-09-12T00:50:00.000Z', 1],
      ['2015-09-12T13:00:00.000Z', 1],
      ['2015-09-12T23:30:00.000Z', 1],
    ]);
    expect((await rows(`from=2015-07-01&to=2016-01-01&every=1q&measures=edits`)).map(({ edits }) => edits)).toEqual([5, 1]);
  });

  test('given the metric of hours, then it cannot be asked for minutes', async () => {
    expect(await world.get(`/metrics/slow?${DAY}&every=15m`, {})).toMatchObject({
      status: 400,
      body: { detail: "every: Expected 1h, 6h, 1d, 7d, 1mo, all, since this metric's window is 1h; got 15m" },
    });
    expect((await world.get(`/metrics/slow?${DAY}&every=1h`, {})).body.rows).toHaveLength(3);
  });
});

test('given GET /metrics, then it describes every metric: event, window, dimensions, and measures with kind and error', async () => {
  const world = await system({ pipeline, shards: 1, startMs: Date.parse(NOW) });
  const { body } = await world.get('/metrics', {});
  expect(body.metrics.map(({ name, window, every, ready }) => ({ name, window, every, ready }))).toEqual([
    { name: 'edits', window: '1m', every: ['1m', '5m', '15m', '1h', '6h', '1d', '7d', '1mo', 'all'], ready: true },
    { name: 'slow', window: '1h', every: ['1h', '6h', '1d', '7d', '1mo', 'all'], ready: true },
  ]);
  expect(body.metrics[0]).toMatchObject({
    event: 'edit',
    definition: pipeline.metrics.edits?.hash,
    first: null,
    last: null,
    dimensions: [
      { name: 'channel', kind: 'text' },
      { name: 'robot', kind: 'boolean' },
      { name: 'size', kind: 'integer' },
    ],
  });
  expect(body.metrics[0]?.measures).toEqual(
    expect.arrayContaining([
      { name: 'edits', kind: 'count', error: 'exact', addsUp: true },
      { name: 'editors', kind: 'uniques', of: 'text', value: 'user', error: 'estimated', standardError: 0.016 },
      { name: 'sizes', kind: 'quantiles', of: 'integer', value: 'size', error: 'rounded', errorBound: 0.01 },
    ]),
  );
  await world.close();
});
