import pipeline from '#pipeline';
import { type Asked, measure } from '../../cost/measure.ts';
import { MONTH_S } from '../../cost/play.ts';
import type { Report } from '../../cost/report.ts';

// Units, not dollars and not CPU: whoever makes a load dearer sees here where. The budgets are a little above what is counted
// today; lower them with what gets cheaper.

interface Case {
  readonly name: string;
  readonly asked: Pick<Asked, 'pipeline' | 'ids' | 'rate' | 'batch' | 'seconds'>;
  readonly budgets: readonly (readonly [item: string, unit: string, perEvent: number])[];
}
const CASES: readonly Case[] = [
  {
    name: 'requests of ten',
    asked: { pipeline, ids: 'key', rate: 20, batch: 10, seconds: 20 },
    budgets: [
      ['API', 'http.requests', 0.1],
      ['ingest', 'lambda.requests', 0.1],
      ['log', 'kinesis.gbIn', 1e-7],
      ['aggregate', 'lambda.requests', 0.011],
      ['archive', 'lambda.requests', 0.0053],
      ['cells', 'dynamodb.writeUnits', 0.053],
      ['cells', 'dynamodb.readUnits', 0.012],
      ['duplicates', 'dynamodb.readUnits', 0.0034],
      ['progress', 'dynamodb.writeUnits', 0.016],
      ['batch layer', 'athena.tb', 2.2e-9],
      ['logs', 'logs.gb', 4.8e-8],
      ['entities: page', 'dynamodb.writeUnits', 1.1],
      ['entities: page', 'dynamodb.readUnits', 0.55],
      ['entities: duplicates', 'dynamodb.readUnits', 0.006],
    ],
  },
  {
    name: 'requests of 50, ids of their own, and no entities',
    asked: { pipeline: { ...pipeline, entities: {} }, ids: 'own', rate: 50, batch: 50, seconds: 20 },
    budgets: [
      ['API', 'http.requests', 0.02],
      ['ingest', 'lambda.requests', 0.02],
      ['log', 'kinesis.gbIn', 3.1e-7],
      ['aggregate', 'lambda.requests', 0.0063],
      ['cells', 'dynamodb.writeUnits', 0.041],
      ['cells', 'dynamodb.readUnits', 0.0047],
      ['duplicates', 'dynamodb.writeUnits', 0.0126],
      ['duplicates', 'dynamodb.readUnits', 0.0078],
      ['progress', 'dynamodb.writeUnits', 0.0084],
      ['logs', 'logs.gb', 1.13e-8],
      ['live', 'lambda.requests', 0.0095],
      ['live', 'dynamodb.readUnits', 0.235],
      ['live', 'websocket.messages', 0.026],
    ],
  },
];

describe.each(CASES)('$name', ({ asked, budgets }) => {
  let report: Report;
  beforeAll(async () => {
    report = await measure(process.cwd(), {
      ...asked,
      region: 'us-east-1',
      stage: 'prod',
      params: { live: 'true' },
      shards: 2,
      environments: 2,
      followers: 2,
      seed: 1,
    });
  });

  test('nothing that AWS would refuse or throttle', () => {
    expect(report.breaches).toEqual([]);
  });

  // They expire by themselves: to let one expire later is billed like writing it.
  test('no cell is written to be retired', () => {
    expect(report.counted['compared cells']?.['dynamodb.readUnits']).toBeGreaterThan(0);
    expect(report.counted['compared cells']?.['dynamodb.writeUnits']).toBeUndefined();
  });

  test('entities cost nothing where there are none', () => {
    expect(report.perMillionEvents.entities > 0).toBe(Object.keys(asked.pipeline.entities).length > 0);
  });

  test.each(budgets)('%s: %s an event stay within the budget', (item, unit, budget) => {
    const counted = (report.counted[item]?.[unit] ?? 0) / (asked.rate * MONTH_S);
    expect(counted).toBeGreaterThan(0);
    expect(counted).toBeLessThanOrEqual(budget);
  });
});
