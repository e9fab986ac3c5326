import { speedLayer } from '../../shared/speed/aggregate.ts';
import { random, seeds } from '../../testing/random.ts';
import { isLong } from '../support/long.ts';
import { batchesOf, differencesOf, leftBy } from './both-paths.ts';
import { flatPipeline } from './flat.ts';
import { hostileLine } from './hostile-lines.ts';

// The general path is the oracle: whatever the lines, the kernel leaves the same bytes in the store.

/** Of each seed. A long run plays a million lines. */
const LINES = 8_000;
const ROUNDS = isLong ? 125 : 2;

test.each(seeds(ROUNDS))(
  'given lines of every kind (seed %i), then both paths leave the same cells, notes, progress, quarantine and counts',
  async (seed) => {
    const r = random(seed);
    const batches = batchesOf(
      r,
      Array.from({ length: LINES }, (_, i) => hostileLine(r, i)),
    );
    const [fast, general] = [await leftBy(speedLayer, flatPipeline, batches, true), await leftBy(speedLayer, flatPipeline, batches, false)];
    expect(differencesOf(fast, general)).toEqual([]);
    expect(general.fast).toBe(0);
    // Of these lines, a good part is as ingest writes them.
    expect(fast.fast).toBeGreaterThan(LINES / 10);
    expect(general.counted.folded).toBeGreaterThan(LINES / 2);
    expect(general.counted.duplicates).toBeGreaterThan(0);
    expect(general.counted.expression_overflows).toBeGreaterThan(0);
  },
  120_000,
);
