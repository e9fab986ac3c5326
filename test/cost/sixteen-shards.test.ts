import pipeline from '#pipeline';
import type { Ids } from '../../cost/load.ts';
import { measure } from '../../cost/measure.ts';
import { some } from '../support/long.ts';

// 100 events a second in requests of ten, with sixteen shards and as many environments: what duplicates cost most, since each
// environment reads what fifteen others have noted. Dollars, but of DynamoDB alone: no CPU time is in them.

/** The most that a million events may cost. */
const BUDGETS: readonly (readonly [ids: Ids, dollars: number])[] = [
  ['key', 0.005],
  ['own', 0.025],
];

test.each(some(BUDGETS, 1))('ids by %s: duplicates cost at most %d dollars a million events', async (ids, budget) => {
  const report = await measure(process.cwd(), {
    pipeline: { ...pipeline, entities: {} },
    ids,
    rate: 100,
    batch: 10,
    seconds: 40,
    region: 'us-east-1',
    stage: 'prod',
    params: {},
    shards: 16,
    environments: 16,
    followers: 0,
    seed: 1,
  });
  expect(report.breaches).toEqual([]);
  expect(report.perMillionEvents.items.duplicates).toBeGreaterThan(0);
  expect(report.perMillionEvents.items.duplicates).toBeLessThanOrEqual(budget);
});
