import { join } from 'node:path';

/** Whether every case is played, as in CI: LONG=1 npm test. Otherwise npm test plays some of each kind. */
export const isLong = process.env.LONG === '1';

/** How many shards a journey's host has whose subject they are not: each shard is two threads more. */
export const JOURNEY_SHARDS = isLong ? '2' : '1';

/** The pipeline of a journey that looks at metrics only: in a long run, its entities are kept as well. Other journeys always have them, and kill their hosts, too. */
export const JOURNEY_PIPELINE = join(process.cwd(), isLong ? 'pipeline.ts' : 'test/support/metrics-only.ts');

/** The first few of the cases; all of them in a long run. */
export const some = <T>(cases: readonly T[], few: number): readonly T[] => (isLong ? cases : cases.slice(0, few));

/** Every fourth of the cases, from the first on; all of them in a long run. */
export const aQuarter = <T>(cases: readonly T[]): readonly T[] => (isLong ? cases : cases.filter((_, i) => i % 4 === 0));
