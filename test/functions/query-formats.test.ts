import { editsFrom } from '../support/edits.ts';
import type { System } from '../support/system.ts';

/** The same answer as CSV, and not again where its caller has it. */
describe.each(['speed', 'batch', 'both'])('answers from %s', (side) => {
  let world: System;
  beforeAll(async () => {
    world = await editsFrom(side);
  });
  afterAll(() => world.close());

  const DAY = 'from=2015-09-12&to=2015-09-13';

  test('given Accept: text/csv, then the same rows come as CSV, percentiles in columns of their own', async () => {
    const csv = async (query: string) => world.get(`/metrics/edits?${query}`, { accept: 'text/csv' });
    const reply = await csv(`${DAY}&by=channel&measures=edits,last,sizes,pages&order=-edits,channel&limit=3`);
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.text.split('\r\n')).toEqual([
      'window,channel,edits,last,sizes.p50,sizes.p90,sizes.p99,pages',
      '2015-09-12T00:00:00.000Z,en,2,B,10,20,20,"[{""value"":""A"",""count"":1},{""value"":""B"",""count"":1}]"',
      '2015-09-12T00:00:00.000Z,de,1,A,-5,-5,-5,"[{""value"":""A"",""count"":1}]"',
      '2015-09-12T00:00:00.000Z,"fr,be",1,C,0,0,0,"[{""value"":""C"",""count"":1}]"',
      '',
    ]);
    expect((await csv('from=2014-01-01&to=2014-01-02&measures=edits')).text.split('\r\n')[0]).toContain('window,');
  });

  test('given .csv in the path, or format=csv, then it is CSV whatever is accepted', async () => {
    const query = `${DAY}&by=channel&measures=edits`;
    const { text } = await world.get(`/metrics/edits?${query}`, { accept: 'text/csv' });
    for (const path of [`/metrics/edits.csv?${query}`, `/metrics/edits?${query}&format=csv`, `/metrics/edits.json?${query}&format=csv`]) {
      const reply = await world.get(path, { accept: 'application/json' });
      expect([reply.headers.get('content-type'), reply.text]).toEqual(['text/csv; charset=utf-8', text]);
    }
    for (const path of [`/metrics/edits.json?${query}`, `/metrics/edits?${query}&format=json`])
      expect((await world.get(path, { accept: 'text/csv' })).headers.get('content-type')).toBe('application/json');
    expect((await world.get(`/metrics/edits.xml?${query}`, {})).status).toBe(404);
  });

  test('given an answer that the caller has, then 304', async () => {
    const reply = await world.get(`/metrics/edits?${DAY}`, {});
    const again = await world.get(`/metrics/edits?${DAY}`, { 'if-none-match': reply.headers.get('etag') ?? '' });
    expect([reply.headers.get('cache-control'), again.status, again.text]).toEqual(['private, no-cache', 304, '']);
  });
});
