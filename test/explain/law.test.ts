import { seeds } from '../../testing/random.ts';
import { isLong } from '../support/long.ts';
import { metrics, playLaw, STAGES } from './law.ts';

test.each(seeds(isLong ? 6 : 1))(
  'seed %i: the fold of the list is the number, in each layer and in both',
  async (seed) => {
    const events = await playLaw(seed, { names: Object.keys(metrics), rowsOfEach: isLong ? 6 : 1, stages: STAGES });
    expect(events).toBeGreaterThan(1_000);
  },
  300_000,
);
