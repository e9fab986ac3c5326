import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { forwardedFigures, takeFigure } from '../../shared/adapters/telemetry/forwarded-figures.ts';
import { prometheusFigures, prometheusName } from '../../shared/adapters/telemetry/prometheus.ts';
import { COUNTERS, DISTRIBUTIONS, GAUGES } from '../../shared/ports/figures.ts';
import { type System, system } from '../support/system.ts';
import { hits } from '../support/world.ts';
import { parseExposition, sampleOf } from './exposition.ts';

const NAMES = [...Object.keys(COUNTERS), ...Object.keys(GAUGES), ...Object.keys(DISTRIBUTIONS)];

test('given every figure, then docs/operations.md explains it under both of its names', () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  for (const name of NAMES) {
    const row = rows.filter((line) => line.startsWith(`| \`${name}\` | \`twinstream_`));
    expect([name, row.length]).toEqual([name, 1]);
    // Name, name in Prometheus, what it means, when to worry, what to do.
    expect([name, row[0]?.split(' | ').length, row[0]?.includes(`\`${prometheusName(name)}\``)]).toEqual([name, 5, true]);
  }
});

test('given the alerts for Prometheus, then each figure in them is one that GET /stats shows', () => {
  const rules = readFileSync('docs/prometheus/twinstream.rules.yml', 'utf8');
  const shown = new Set([...NAMES.map(prometheusName), 'twinstream_lag_seconds', 'twinstream_http_requests_total']);
  const named = [...rules.matchAll(/twinstream_\w+/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !shown.has(name))).toEqual([]);
});

test('given figures of another thread, then they add up with those of this one, and outlive it', async () => {
  const figures = prometheusFigures();
  const { port1, port2 } = new MessageChannel();
  const others = forwardedFigures(port1);
  const taken: boolean[] = [];
  port2.on('message', (message) => taken.push(takeFigure(figures, message)));
  figures.count('accepted', 2);
  others.count('accepted', 3);
  others.gauge('horizon_lag_seconds', 7);
  others.observe('cell_bytes', 12_000);
  port1.postMessage('drained');
  port1.close();
  await once(port2, 'close');
  const families = parseExposition(await figures.registry.metrics());
  expect(taken).toEqual([true, true, true, false]);
  expect([
    sampleOf(families, 'twinstream_accepted_events_total', {}),
    sampleOf(families, 'twinstream_horizon_lag_seconds', {}),
    sampleOf(families, 'twinstream_cell_bytes_bucket', { le: '10000' }),
    sampleOf(families, 'twinstream_cell_bytes_bucket', { le: '50000' }),
  ]).toEqual([5, 7, 0, 1]);
});

test('given a text that breaks the format, then the reader of these tests sees it', () => {
  const good = '# HELP a_total A\n# TYPE a_total counter\na_total{x="1"} 2\n';
  expect(sampleOf(parseExposition(good), 'a_total', { x: '1' })).toBe(2);
  const wrong = [
    good.slice(0, -1),
    `${good}a_total{x="1"} 3\n`,
    `${good}b 1\n`,
    `${good}# TYPE a_total gauge\n`,
    good.replace('"1"', '"1'),
    good.replace(' 2', ' two'),
    '# HELP h H\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
  ];
  for (const text of wrong) expect(() => parseExposition(text)).toThrow('Expected');
});

describe('GET /stats', () => {
  const AT = Date.parse('2026-11-21T10:00:30Z');
  let world: System;
  beforeEach(async () => {
    world = await system({ pipeline: hits, shards: 2, startMs: AT });
  });
  afterEach(() => world.close());
  const scrape = async () => parseExposition((await world.get('/stats', {})).text);
  const post = (n: number, headers: Record<string, string>) =>
    world.post('/events/hit', JSON.stringify(Array.from({ length: n }, (_, i) => ({ at: '2026-11-21T09:00:00Z', page: `p${i}`, n: i }))), {
      'content-type': 'application/json',
      ...headers,
    });

  test('given nothing yet, then every counter and gauge stands at 0, each with its help', async () => {
    const families = await scrape();
    for (const name of [...Object.keys(COUNTERS), ...Object.keys(GAUGES)]) expect([name, sampleOf(families, prometheusName(name), {})]).toEqual([name, 0]);
    for (const [name, { type, help }] of families) {
      expect([name, help.length > 5]).toEqual([name, true]);
      if (name.startsWith('twinstream_')) expect([name, type === 'counter']).toEqual([name, name.endsWith('_total')]);
    }
    expect(sampleOf(families, 'process_resident_memory_bytes', {})).toBeGreaterThan(1e7);
  });

  test('given events, copies, bad ones and a stuck consumer, then each shows where somebody would look', async () => {
    await post(40, { 'idempotency-key': 'k' });
    await post(40, { 'idempotency-key': 'k' });
    await world.post('/events/hit', '{"page":1}', { 'content-type': 'application/json' });
    world.advance(90_000);
    const waiting = await scrape();
    const shards = (await world.log.shards()).map(({ id }) => id);
    const lag = (families: typeof waiting, figure: string) =>
      Math.max(...shards.flatMap((shard) => ['aggregate', 'archive'].map((consumer) => sampleOf(families, `twinstream_lag_${figure}`, { consumer, shard }))));
    expect([lag(waiting, 'records') > 0, lag(waiting, 'seconds')]).toEqual([true, 90]);

    await world.drain();
    const drained = await scrape();
    expect([lag(drained, 'records'), lag(drained, 'seconds')]).toEqual([0, 0]);
    expect(
      ['accepted', 'rejected', 'folded', 'duplicates', 'archived', 'cell_conflicts', 'overflow'].map((name) => sampleOf(drained, prometheusName(name), {})),
    ).toEqual([80, 1, 40, 40, 80, 0, 0]);
    expect(sampleOf(drained, 'twinstream_aggregate_delay_seconds_bucket', { le: '60' })).toBe(0);
    // A request without ids of its own is in one shard.
    expect(sampleOf(drained, 'twinstream_aggregate_delay_seconds_bucket', { le: '300' })).toBe(1);
    expect(sampleOf(drained, 'twinstream_cell_bytes_count', {})).toBe(1);
    expect(sampleOf(drained, 'twinstream_http_requests_total', { route: 'POST /events/{type}', status: '202' })).toBe(2);
    expect(sampleOf(drained, 'twinstream_http_requests_total', { route: 'POST /events/{type}', status: '422' })).toBe(1);
    expect(sampleOf(drained, 'twinstream_http_request_seconds_count', { route: 'GET /stats' })).toBe(1);
  });

  test('given a horizon and a generation that stay behind, then their age grows', async () => {
    await post(10, {});
    await world.publish();
    world.advance(3_600_000);
    await world.heartbeat();
    const families = await scrape();
    const lags = ['horizon_lag_seconds', 'generation_lag_seconds'].map((name) => sampleOf(families, `twinstream_${name}`, {}));
    expect(lags).toEqual([3_630, 3_630]);
    expect(sampleOf(families, 'twinstream_generations_total', {})).toBe(1);
    await world.publish();
    await world.heartbeat();
    expect(sampleOf(await scrape(), 'twinstream_generation_lag_seconds', {})).toBeLessThan(120);
  });

  test('given more groups than a cell holds, then the cell is counted as soon as it is written', async () => {
    const nameOf = (i: number) => createHash('sha512').update(String(i)).digest('base64') + createHash('sha512').update(`${i}b`).digest('base64');
    const events = Array.from({ length: 12_000 }, (_, i) => JSON.stringify({ at: '2026-11-21T09:00:00Z', page: nameOf(i), n: i }));
    await world.post('/events/hit', events.join('\n'), { 'content-type': 'application/x-ndjson' });
    await world.aggregate();
    const families = await scrape();
    expect(sampleOf(families, 'twinstream_overflow_cells_total', {})).toBeGreaterThan(0);
    expect(sampleOf(families, 'twinstream_cell_bytes_bucket', { le: '100000' })).toBe(0);
  });
});
