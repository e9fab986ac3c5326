import pipeline from '#pipeline';
import { type Asked, measure } from '../../cost/measure.ts';
import { MONTH_S } from '../../cost/play.ts';
import type { Report } from '../../cost/report.ts';

// Units, not dollars and not CPU: whoever makes a load dearer sees here where. The budgets are a little above what is counted
// today; lower them with what gets cheaper.

interface Case {
  readonly name: string;
  readonly asked: Pick<Asked, 'pipeline' | 'rate' | 'batch' | 'seconds'>;
  readonly budgets: readonly (readonly [item: string, unit: string, perEvent: number])[];
}
const CASES: readonly Case[] = [
  {
    name: 'requests of ten',
    asked: { pipeline, rate: 20, batch: 10, seconds: 30 },
    budgets: [
      ['API', 'http.requests', 0.1],
      ['ingest', 'lambda.requests', 0.1],
      ['log', 'kinesis.gbIn', 1.1e-7],
      ['aggregate', 'lambda.requests', 0.028],
      ['archive', 'lambda.requests', 0.0075],
      ['cells', 'dynamodb.writeUnits', 0.19],
      ['cells', 'dynamodb.readUnits', 0.056],
      ['duplicates', 'dynamodb.writeUnits', 0.015],
      ['duplicates', 'dynamodb.readUnits', 0.135],
      ['progress', 'dynamodb.writeUnits', 0.035],
      ['retired cells', 'dynamodb.writeUnits', 0.069],
      ['batch layer', 'athena.tb', 4e-9],
      ['logs', 'logs.gb', 5.5e-8],
      ['entities: page', 'dynamodb.writeUnits', 1.1],
      ['entities: page', 'dynamodb.readUnits', 0.55],
      ['entities: duplicates', 'dynamodb.readUnits', 0.055],
    ],
  },
  {
    name: 'requests of 500, and no entities',
    asked: { pipeline: { ...pipeline, entities: {} }, rate: 1_000, batch: 500, seconds: 20 },
    budgets: [
      ['API', 'http.requests', 0.002],
      ['ingest', 'lambda.requests', 0.002],
      ['log', 'kinesis.gbIn', 5.2e-8],
      ['aggregate', 'lambda.requests', 0.0005],
      ['cells', 'dynamodb.writeUnits', 0.032],
      ['cells', 'dynamodb.readUnits', 0.004],
      ['progress', 'dynamodb.writeUnits', 0.00072],
      ['retired cells', 'dynamodb.writeUnits', 0.0195],
      ['logs', 'logs.gb', 1.2e-9],
    ],
  },
];

describe.each(CASES)('$name', ({ asked, budgets }) => {
  let report: Report;
  beforeAll(async () => {
    report = await measure(process.cwd(), { ...asked, region: 'us-east-1', stage: 'prod', params: {}, ids: 'key', shards: 4, environments: 4, seed: 1 });
  });

  test('nothing that AWS would refuse or throttle', () => {
    expect(report.breaches).toEqual([]);
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
