import { EVENTS, NOW, pipeline } from '../support/edits.ts';
import { type System, system } from '../support/system.ts';

describe('questions that cannot be answered', () => {
  let world: System;
  beforeAll(async () => {
    world = await system({ pipeline, shards: 1, startMs: Date.parse(NOW) });
    await world.post('/events/edit', JSON.stringify(EVENTS.slice(0, 1)), {});
    await world.drain();
    await world.publish();
  });
  afterAll(() => world.close());

  test.each([
    ['from=soon', "from: Expected ISO 8601 such as 2015-09-12 or 2015-09-12T10:00:00Z, or relative such as -24h, got 'soon'"],
    ['from=2015-02-30', "from: Expected ISO 8601 such as 2015-09-12 or 2015-09-12T10:00:00Z, or relative such as -24h, got '2015-02-30'"],
    ['to=-1z', "to: Expected ISO 8601 such as 2015-09-12 or 2015-09-12T10:00:00Z, or relative such as -24h, got '-1z'"],
    ['from=-999999w', "from: Expected a time from the year 1 on, got '-999999w'"],
    ['from=2015-09-13&to=2015-09-12', 'Expected from before to, got 2015-09-13T00:00:00.000Z and 2015-09-12T00:00:00.000Z'],
    ['every=2x', "every: Expected one of 1m, 5m, 15m, 1h, 6h, 1d, 7d, 1mo, all, or another number of m, h, d, w, mo, q or y, got '2x'"],
    ['every=30s', "every: Expected one of 1m, 5m, 15m, 1h, 6h, 1d, 7d, 1mo, all, or another number of m, h, d, w, mo, q or y, got '30s'"],
    ['from=1795251600', "from: Expected epoch milliseconds, got '1795251600', which is a time in seconds: write 1795251600000"],
    ['format=xml', "format: Expected one of csv, json, ndjson, got 'xml'"],
    ['by=chanel', "by: Expected one of channel, robot, size, @hour, @weekday, @date, @month, got 'chanel'"],
    ['measures=edit', "measures: Expected one of edits, added, usual, least, most, editors, sizes, pages, last, got 'edit'"],
    ['order=pages', "order: Expected one of window, edits, added, usual, least, most, editors, sizes.p50, sizes.p90, sizes.p99, last, got 'pages'"],
    ['order=channel', "order: Expected one of window, edits, added, usual, least, most, editors, sizes.p50, sizes.p90, sizes.p99, last, got 'channel'"],
    ['measures=edits&order=-added', "order: Expected one of window, edits, got 'added'"],
    ['limit=0', "limit: Expected a whole number from 1 to 100000, got '0'"],
    ['limit=1e3', "limit: Expected a whole number from 1 to 100000, got '1e3'"],
    ['limit=1,2', 'limit: Expected one value, got 2'],
    ['filter[robot]=yes', "filter[robot]: Expected one of true, false, got 'yes'"],
    ['filter[size]=1.5', "filter[size]: Expected whole numbers, got '1.5'"],
    [
      'page=A',
      "Expected the parameters from, to, every, by, measures, order, limit, offset, tz, week, fill, top, other, totals, compare, over, parts, numbers, format, definition, filter[channel], filter[robot], filter[size], got 'page'",
    ],
    ['filter[page]=A', "Expected filters of channel, robot, size, got 'filter[page]'"],
    ['filter[channel][like]=A', "filter[channel]: Expected one of not, prefix, contains, gte, lt, is, got 'like'"],
    ['filter[channel][gte]=1', 'filter[channel][gte]: Expected a dimension of integers, channel is text'],
    ['filter[size][prefix]=1', 'filter[size][prefix]: Expected a dimension of text, size is integer'],
    ['filter[size][is]=nothing', "filter[size][is]: Expected one of null, value, got 'nothing'"],
    ['having[pages][gte]=1', "having: Expected one of edits, added, usual, least, editors, sizes.p50, sizes.p90, sizes.p99, got 'pages'"],
    ['having[edits][is]=1', "having[edits]: Expected one of gte, gt, lte, lt, got 'is'"],
    ['having[edits][gte]=x', "having[edits][gte]: Expected a number, got 'x'"],
    ['fill=0', "fill: Expected one of zero, null, got '0'"],
    ['week=friday', "week: Expected one of monday, sunday, got 'friday'"],
    ['top=5', 'top: Expected by with it, since it is a number of groups'],
    ['other=true', 'other: Expected top with it, such as top=5'],
    ['compare=last', "compare: Expected previous, year, or a range such as 2015-09-05..2015-09-12, got 'last'"],
    ['over=90s', "over: Expected one of 1m, 5m, 15m, 1h, 6h, 1d, 7d, 1mo, all, or another number of m, h, d, w, mo, q or y, got '90s'"],
    ['offset=-1', "offset: Expected a whole number from 0 to 999999999, got '-1'"],
    ['tz=Mars/Olympus', "tz: Expected an IANA time zone such as Europe/Berlin, got 'Mars/Olympus'"],
    ['by=channel&by=robot', 'Expected each parameter once, got by again; separate values with commas'],
    ['by=%C3%28', "Expected percent-encoded UTF-8, got '%C3%28'"],
    [`by=${'x'.repeat(9_000)}`, 'Expected a query string of at most 8192 characters, got 9003'],
    ['definition=xyz', "definition: Expected 12 hexadecimal digits, got 'xyz'"],
  ])('given %s, then 400 says what was expected and what came', async (query, detail) => {
    const reply = await world.get(`/metrics/edits?${query}`, {});
    expect([reply.status, reply.body.type, reply.body.detail]).toEqual([400, 'urn:twinstream:problem:bad-request', detail]);
  });

  test.each(['nothing', 'toString', '__proto__'])('given the metric %s, then 404 names those that there are', async (name) => {
    expect(await world.get(`/metrics/${name}`, {})).toMatchObject({
      status: 404,
      body: { detail: `There is no metric '${name}'. Expected one of edits, slow.` },
    });
  });

  test('given a hash that no definition ever had, then 404', async () => {
    expect(await world.get('/metrics/edits?definition=0123456789ab', {})).toMatchObject({
      status: 404,
      body: { detail: 'There is no definition edits@0123456789ab.' },
    });
  });

  test.each(['from=-100000w', 'from=0001-01-01&to=9999-12-31&every=1mo', 'from=0001-01-01T00:00Z&every=1d'])(
    'given the range %s, then the answer comes all the same, at once: it takes as long as there is something stored',
    async (query) => {
      const before = performance.now();
      expect((await world.get(`/metrics/slow?${query}`, {})).body.rows).toMatchObject([{ edits: 1 }]);
      expect(performance.now() - before).toBeLessThan(5_000);
    },
  );

  test('given a store that cannot be read, then 500, never a smaller number; and health says which part is down', async () => {
    const broken = { ...world.parts.store, query: () => Promise.reject(new Error('disk I/O error')) };
    world.deploy(pipeline, { store: broken });
    const reply = await world.call('GET', '/health', null, {});
    expect([reply.status, reply.body.parts.speed?.status, reply.body.parts.lake?.status]).toEqual([503, 'down', 'ok']);
    world.deploy(pipeline, {});
    expect(await world.get('/health', {})).toMatchObject({ status: 200, body: { status: 'ok' } });
  });
});
