import pipeline from '#pipeline';
import { measure } from '../../cost/measure.ts';
import type { Report } from '../../cost/report.ts';

// Units, not dollars and not CPU: whoever makes a load dearer sees here where. The budgets are a little above what is counted
// today; lower them with what gets cheaper.

const RATE = 20;
const EVENTS_A_MONTH = RATE * 730 * 3_600;
let report: Report;

beforeAll(async () => {
  report = await measure(process.cwd(), {
    pipeline,
    rate: RATE,
    batch: 10,
    region: 'us-east-1',
    stage: 'prod',
    params: {},
    ids: 'key',
    shards: 4,
    environments: 4,
    seconds: 30,
    seed: 1,
  });
});

const perEvent = (item: string, unit: string): number => (report.counted[item]?.[unit] ?? 0) / EVENTS_A_MONTH;

test('nothing that AWS would refuse or throttle', () => {
  expect(report.breaches).toEqual([]);
});

test.each([
  ['API', 'http.requests', 0.1],
  ['ingest', 'lambda.requests', 0.1],
  ['log', 'kinesis.gbIn', 1.1e-7],
  ['aggregate', 'lambda.requests', 0.028],
  ['archive', 'lambda.requests', 0.0075],
  ['cells', 'dynamodb.writeUnits', 0.19],
  ['cells', 'dynamodb.readUnits', 0.056],
  ['duplicates', 'dynamodb.writeUnits', 0.015],
  ['duplicates', 'dynamodb.readUnits', 0.13],
  ['progress', 'dynamodb.writeUnits', 0.035],
  ['retired cells', 'dynamodb.writeUnits', 0.069],
  ['batch layer', 'athena.tb', 4e-9],
  ['logs', 'logs.gb', 5.5e-8],
  ['entities: page', 'dynamodb.writeUnits', 1.1],
  ['entities: page', 'dynamodb.readUnits', 0.55],
  ['entities: duplicates', 'dynamodb.readUnits', 0.055],
])('%s: %s an event stay within the budget', (item, unit, budget) => {
  const counted = perEvent(item, unit);
  expect(counted).toBeGreaterThan(0);
  expect(counted).toBeLessThanOrEqual(budget);
});
