import { jest } from '@jest/globals';
import { zlibInPlace } from './compress-in-place.ts';
import type { Plan } from './plan.ts';
import { describePlan, shrink } from './shrink.ts';
import { summary } from './summary.ts';
import type { Tally } from './world.ts';

/**
 * The model checker: random histories of the whole system, seeded. Events come late, early, twice and broken; processes
 * crash before and after every call of a port; batches are regrouped and replayed; shards split and merge; clocks step;
 * generations are published, rolled back and rebuilt under another definition, all at the same time. Whenever all comes to
 * rest, the answers must be those of a plain fold over what was acknowledged.
 *
 * SEED=123 npm test -- test/faults             plays one history again
 * HISTORIES=100000 FIRST_SEED=5000 npm test -- test/faults    plays many
 */
jest.unstable_mockModule('node:zlib', zlibInPlace);
const { openDuckdb } = await import('../../shared/adapters/duckdb/duckdb.ts');
const { play } = await import('./history.ts');
const { planOf } = await import('./plan.ts');

const only = process.env.SEED;
const first = Number(only ?? process.env.FIRST_SEED ?? 1);
const total = only === undefined ? Number(process.env.HISTORIES ?? 200) : 1;
const seeds = Array.from({ length: total }, (_, i) => first + i);
const A_HISTORY_MS = 10_000;

test(
  `histories, seeds ${first} to ${first + total - 1}: every answer is that of a plain fold over what was acknowledged`,
  async () => {
    const instance = await openDuckdb({ threads: '1' });
    const connection = await instance.connect();
    const newTally = (): Tally => ({ faults: new Map(), counts: new Map() });
    const tally = newTally();
    const failureOf = (plan: Plan, into: Tally): Promise<Error | null> =>
      play(plan, connection, into).then(
        () => null,
        (error: Error) => error,
      );
    try {
      for (const [i, seed] of seeds.entries()) {
        const plan = planOf(seed);
        const failure = await failureOf(plan, tally);
        if (failure === null) continue;
        const smaller = process.env.SHRINK === '0' ? plan : await shrink(plan, async (some) => (await failureOf(some, newTally())) !== null);
        const why = (await failureOf(smaller, newTally())) ?? failure;
        throw new Error(
          `History ${i + 1} of ${seeds.length} fails. Play it again: SEED=${seed} npm test -- test/faults\n\nThe least of it that fails:\n${describePlan(smaller)}\n\n${why.message}`,
          { cause: why },
        );
      }
    } finally {
      instance.closeSync();
      process.stdout.write(`Seeds ${first} to ${first + total - 1}:\n${summary(tally)}\n`);
    }
  },
  60_000 + total * A_HISTORY_MS,
);
