import { Problem } from '../../shared/request/problem.ts';
import { type Random, random, seeds } from '../../testing/random.ts';
import { isLong } from '../support/long.ts';
import { sampleEdits } from '../support/sample.ts';
import { mutate } from './mutate.ts';

// Every reader of bytes that come from outside, fed with valid input that was changed a little, and with random bytes. Only
// the errors that its docstring names may leave it, and what it takes must be sound. `FUZZ=1000000 npm test -- test/security/fuzz`
// runs all night; SEED tries a failed one again.

export const RUNS = Number(process.env.FUZZ ?? (isLong ? 2_000 : 500));
export const NOW = Date.parse('2026-11-21T10:00:30Z');
export const edits = sampleEdits().slice(0, 12);
export const text = (value: unknown) => Buffer.from(JSON.stringify(value));
export const envelope = (i: number) => ({
  specversion: '1.0',
  id: `e${i}`,
  source: '/fuzz',
  type: 'edit',
  subject: 's',
  time: '2015-09-12T00:00:00.000Z',
  traceparent: '00-ab',
  data: edits[i],
});

/** Feeds a reader; whatever it throws must be allowed. Prints what came in when it is not. */
export const feed = async (
  corpus: readonly Buffer[],
  read: (bytes: Buffer, r: Random) => unknown,
  isAllowed: (error: unknown) => boolean,
): Promise<{ taken: number }> => {
  let taken = 0;
  for (const seed of seeds(1)) {
    const r = random(seed);
    for (let run = 0; run < RUNS; run++) {
      const bytes = mutate(corpus, r);
      try {
        await read(bytes, r);
        taken++;
      } catch (error) {
        if (!isAllowed(error))
          throw new Error(`Seed ${seed}, run ${run}: ${(error as Error).stack}\nInput in base64: ${bytes.toString('base64').slice(0, 4_000)}`, {
            cause: error,
          });
      }
    }
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  return { taken };
};
/** Whether an error is an answer with one of these statuses. */
export const isProblem =
  (...statuses: readonly number[]) =>
  (error: unknown) =>
    error instanceof Problem && statuses.includes(error.status);
/** @throws if what was read is not sound. */
export const expecting = (condition: boolean, what: string, got: unknown): void => {
  if (!condition) throw new RangeError(`Expected ${what}, got ${JSON.stringify(got)?.slice(0, 1_000)}`);
};
