import { aQuarter } from '../support/long.ts';
import { type System, system } from '../support/system.ts';
import { AT, JSON_TYPE, NOW, pipeline, unpolluted } from './hits.ts';

// Text that is syntax somewhere: in SQL of three engines, in a search engine's queries, in JSON, in paths, in headers, in
// JavaScript. It goes in as every kind of value, and comes out of both layers as what it was.

const HOSTILE: readonly string[] = [
  ...[
    "' OR '1'='1",
    "'; DROP TABLE cells; --",
    "'' || (SELECT 1) || ''",
    '"; DROP TABLE records; --',
    '$$; SELECT 1; $$',
    '/* */',
    '-- ',
    "\\'",
    'E\\x27',
    "'||pg_sleep(9)||'",
  ],
  ...[
    "read_csv('/etc/passwd')",
    "'); COPY (SELECT 1) TO '/tmp/x'; --",
    "ATTACH '/tmp/x'",
    'UNLOAD',
    '%s%s%n',
    '%',
    '_',
    '?',
    ':1',
    '$1',
    '{0}',
    `$\{1+1}`,
    '#{7*7}',
    '{{7*7}}',
    '<%= 7*7 %>',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'null', 'undefined', 'NaN', 'true', '0', ''],
  ...['../../../etc/passwd', '..\\..\\x', '/etc/passwd', '%2e%2e%2f', 'a/../b', '.', '..', 'con', 'a=b/c=d', 'day=2015-09-12', 'x.parquet'],
  ...[
    'a\r\nSet-Cookie: x=1',
    '\n',
    '\r',
    '\t',
    '\u2028',
    '\ufeff',
    '\u0000',
    'a\u0000b',
    '\u202e',
    '😀',
    'ﷺ'.repeat(50),
    '<script>alert(1)</script>',
    '=cmd|calc',
    '@SUM(1)',
    ',',
  ],
  ...[
    'AND',
    'OR',
    'NOT',
    'NEAR(a b)',
    'name:x',
    'name*',
    '"',
    '""',
    '("',
    '*',
    '^',
    '-x',
    '+x',
    '~',
    '\\',
    'a^2',
    '[a TO b]',
    '{"match_all":{}}',
    '_exists_:x',
    'a"b',
    "a'b",
    'a`b',
  ],
];
describe('given hostile text as values of events', () => {
  let world: System;
  beforeAll(async () => {
    world = await system({ pipeline, shards: 2, startMs: NOW });
    const events = HOSTILE.map((name, i) => ({ at: AT, name, n: i }));
    const { body } = await world.post('/events/hit', JSON.stringify(events), { ...JSON_TYPE, 'idempotency-key': "k'; --" });
    expect(body).toEqual({ accepted: HOSTILE.length, rejected: 0, errors: [] });
    await world.aggregate();
    await world.archive();
    await world.materialize();
  });
  afterAll(() => world.close());
  const expected = HOSTILE.map((name, n) => ({
    window: '2026-11-21T09:00:00.000Z',
    name,
    hits: 1,
    n,
    last: name,
    names: 1,
    tops: [{ value: name, count: 1 }],
  }));
  const byName = (rows: readonly { n: number }[]) => [...rows].sort((a, b) => a.n - b.n);
  const all = async () => (await world.get<{ n: number }>('/metrics/hits?every=1h&by=name', {})).body;

  test('then the speed layer, and after it the batch layer, count each as what it is', async () => {
    const speed = await all();
    expect(byName(speed.rows)).toEqual(expected);
    expect(await world.publish()).toMatchObject({ state: 'published' });
    const batch = await all();
    expect([batch.provenance.windows.speed, byName(batch.rows)]).toEqual([0, expected]);
    expect((await world.get('/generations', {})).body.generations[0]?.drift).toBe(0);
    unpolluted();
  });

  test('then a filter on each finds that one alone', async () => {
    for (const [n, name] of HOSTILE.entries()) {
      const { body } = await world.get(`/metrics/hits?every=all&measures=n,hits&filter[name][]=${encodeURIComponent(name)}`, {});
      expect([name, body.rows.map((row) => [row.n, row.hits])]).toEqual([name, [[n, 1]]]);
    }
  });

  test('then each is found as an entity by its key, and a search for it fails in no engine', async () => {
    for (const name of HOSTILE.filter((text) => text !== '')) {
      const [item] = await world.entities.get([{ entity: `thing@${(pipeline.entities.thing as { hash: string }).hash}`, key: name }]);
      expect([name, item?.fields]).toEqual([name, { name, hits: 1 }]);
      for (const query of [`q=${encodeURIComponent(name)}`, `filter[name]=${encodeURIComponent(name)}`]) {
        const { status } = await world.get(`/entities/thing?${query}`, {});
        expect([name, query, status === 200 || status === 400]).toEqual([name, query, true]);
      }
    }
  });

  test('then CSV holds each in its own field, and none that a spreadsheet runs', async () => {
    const { text } = await world.get('/metrics/hits?every=all&by=name&measures=hits', { accept: 'text/csv' });
    // RFC 4180, read here by itself.
    const fields = [...text.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/g)].map(([, field = '']) =>
      field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
    );
    const names = fields.filter((_, i) => i % 3 === 1).slice(1);
    expect(names.sort()).toEqual(HOSTILE.map((name) => (/^[=+\-@\t\r\n\0]/.test(name) ? `'${name}` : name)).sort());
  });
});

describe('given hostile text where a name, an id, a time or a place is asked for', () => {
  let world: System;
  beforeAll(async () => {
    world = await system({ pipeline, shards: 1, startMs: NOW });
  });
  afterAll(() => world.close());
  const path = (text: string) => encodeURIComponent(text).replaceAll('.', '%2E');

  test.each(aQuarter(HOSTILE.filter((text) => text !== '')))('%j: a clear answer, and nothing else happens', async (text) => {
    const before = await world.log.shards();
    const calls: [string, string, string | null][] = [
      ['POST', `/events/${path(text)}`, '{}'],
      ['GET', `/metrics/${path(text)}`, null],
      ['GET', `/entities/${path(text)}?q=x`, null],
      ['GET', `/entities/thing/${path(text)}`, null],
      ['POST', `/generations/${path(text)}/activate`, ''],
      ...['from', 'to', 'every', 'by', 'measures', 'order', 'limit', 'tz', 'definition', 'filter[name]', `filter[${text}]`, text].map(
        (name): [string, string, null] => ['GET', `/metrics/hits?${encodeURIComponent(name)}=${encodeURIComponent(text)}`, null],
      ),
      ...['from', 'to', 'reason', 'limit'].map((name): [string, string, null] => ['GET', `/quarantine?${name}=${encodeURIComponent(text)}`, null]),
      ['POST', '/quarantine/replay', JSON.stringify({ reason: text })],
      ['POST', '/quarantine/replay', JSON.stringify({ ids: [text] })],
      ['POST', '/recompute', JSON.stringify({ through: text })],
    ];
    for (const [method, url, body] of calls) {
      const response = await fetch(world.url + url, { method, headers: JSON_TYPE, ...(body === null ? {} : { body }) });
      const answer = await response.text();
      // A client makes of /events/%2E%2E a POST to the page.
      expect([url, [200, 400, 404, 405, 422].includes(response.status), response.headers.get('set-cookie')]).toEqual([url, true, null]);
      expect([url, answer.includes('root:')]).toEqual([url, false]);
    }
    expect(await world.log.shards()).toEqual(before);
    expect(world.errors).toEqual([]);
    unpolluted();
  });
});
