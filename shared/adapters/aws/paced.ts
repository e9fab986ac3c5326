import type { Clock } from '../../ports/clock.ts';
import { inParallel } from '../../ports/in-parallel.ts';

export interface PaceOptions {
  readonly unitsASecond: number;
  /** Most items at a time. */
  readonly parallel: number;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Of what a second may take, a round takes this part: between two rounds others get their turn. */
const ROUND_SECONDS = 0.2;

/**
 * Works on items so that they consume no more than so many units a second; `work` returns what its item consumed. What the
 * items so far consumed decides how many are worked on at a time: the first is alone. Several calls share the pace.
 * `mayGoOn` is asked before each round; returns whether all items are done.
 */
export const paced = ({ unitsASecond, parallel, clock, sleep }: PaceOptions) => {
  let [done, spent] = [0, 0];
  let round: { readonly beganMs: number; readonly units: number } | null = null;
  return async <T>(items: readonly T[], mayGoOn: () => boolean, work: (item: T) => Promise<number>): Promise<boolean> => {
    for (let start = 0; start < items.length; ) {
      if (!mayGoOn()) return false;
      const waitMs = round === null ? 0 : round.beganMs + (round.units / unitsASecond) * 1_000 - clock();
      if (waitMs > 0) await sleep(waitMs);
      const size = done === 0 ? 1 : Math.max(1, Math.min(parallel, Math.floor((unitsASecond * ROUND_SECONDS * done) / spent)));
      const some = items.slice(start, start + size);
      const beganMs = clock();
      const units = (await inParallel(parallel, some, work)).reduce((sum, one) => sum + one, 0);
      round = { beganMs, units };
      [done, spent, start] = [done + some.length, spent + units, start + some.length];
    }
    return true;
  };
};
