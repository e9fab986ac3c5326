import { readFileSync } from 'node:fs';
import { peerPrices } from '../../cost/peers.ts';
import { readPrices } from '../../cost/prices.ts';
import { reportOf, textOf } from '../../cost/report.ts';
import { readStage } from '../../cost/stage.ts';

const LOAD = { rate: 100, batch: 10, ids: 'own', shards: 4, environments: 4, freshnessSeconds: 8 } as const;

test('the stage is what resources/ says', () => {
  const [dev, prod] = [readStage('resources', 'dev'), readStage('resources', 'prod')];
  expect(dev).toMatchObject({ logMode: 'PROVISIONED', shards: 1, logKeptHours: 24, epochMs: 3_600_000, heartbeatMs: 600_000 });
  expect(prod).toMatchObject({ logMode: 'ON_DEMAND', shards: 4, logKeptHours: 168, requestsPerSecond: 2_000 });
  expect(prod.functions.aggregate).toEqual({ memoryMb: 512, timeoutMs: 300_000, batchSize: 10_000, batchWindowMs: 8_000 });
  expect([dev.functions.aggregate?.batchWindowMs, dev.platformLogBytes > 0, prod.platformLogBytes]).toEqual([2_000, true, 0]);
  expect(prod).toMatchObject({ fanOut: false, ingestUrl: false, oldViewDays: 3 });
  expect([prod.dashboards, readStage('resources', 'prod', { dashboard: 'false' }).dashboards]).toEqual([1, 0]);
  expect(prod.functions.search).toMatchObject({ memoryMb: 512, timeoutMs: 29_000 });
  const alarms = readFileSync('resources/alarms.yml', 'utf8').match(/AWS::CloudWatch::Alarm$/gm)?.length ?? 0;
  // Search has six.
  expect(prod.alarms.metrics + prod.alarms.entities).toBe(alarms - 6);
  expect(prod.alarms.entities).toBe(5);
});

test('a parameter is set as by a deploy, and one that does not exist is refused', () => {
  const stage = readStage('resources', 'prod', { freshness: '60', fanOut: 'true' });
  expect([stage.fanOut, stage.functions.materialize?.batchWindowMs, stage.functions.archive?.batchWindowMs]).toEqual([true, 60_000, 300_000]);
  expect(() => readStage('resources', 'prod', { freshnes: '60' })).toThrow("--param: Expected a parameter of resources/service.yml, got 'freshnes'");
});

test('items come with the largest first, entities apart, and a breach with its place', () => {
  const prices = readPrices('cost/prices.json', 'us-east-1');
  const lines = [
    { item: 'API', unit: 'http.requests', amount: 1_000_000 },
    { item: 'cells', unit: 'dynamodb.writeUnits', amount: 8_000_000 },
    { item: 'entities: page', unit: 'dynamodb.writeUnits', amount: 1_600_000 },
  ] as const;
  const breach = { place: 'Lambda query', limit: 'bytes of the answer', allowed: 6_291_556, worst: 7_000_000, times: 2 };
  const report = reportOf(LOAD, { lines, eventsAMonth: 2_000_000 }, prices, [breach], []);
  expect(Object.keys(report.monthly.items)).toEqual(['cells', 'API', 'entities: page']);
  expect(report.monthly.total).toBeCloseTo(7);
  expect(report.perMillionEvents.total).toBeCloseTo(3.5);
  expect([report.perMillionEvents.metrics, report.perMillionEvents.entities]).toEqual([expect.closeTo(3), expect.closeTo(0.5)]);
  expect(report.alwaysFree).toBe(0);
  const logged = reportOf(LOAD, { lines: [{ item: 'logs', unit: 'logs.gb', amount: 8 }], eventsAMonth: 1 }, prices, [], []);
  expect(logged.alwaysFree).toBeCloseTo(5 * 0.5);
  expect(textOf(report)).toContain("100 events a second in requests of 10, ids of the client's own; 4 shards, 4 environments; answers up to 9 s old");
  expect(textOf(report)).toContain('Lambda query: Expected at most 6291556 bytes of the answer, got 7000000 (2 times)');
});

test('a region without prices is refused, with those that there are', () => {
  expect(() => readPrices('cost/prices.json', 'mars-1')).toThrow('--region: Expected one of us-east-1, got mars-1');
});

test('peers are priced by their tiers, or by the load that they publish', () => {
  const [clickstream, posthog] = peerPrices('cost/peers.json', { rate: 100, batch: 10 }, 3_000_000);
  expect(clickstream).toMatchObject({ monthly: 278 });
  expect(posthog?.monthly).toBeCloseTo(1_000_000 * 0.00005 + 1_000_000 * 0.0000343);
  // Nothing is published for these.
  for (const load of [
    { rate: 123, batch: 10 },
    { rate: 5_000, batch: 500 },
  ])
    expect(peerPrices('cost/peers.json', load, 3_000_000)).toHaveLength(1);
});
