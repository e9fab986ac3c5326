import type { Surroundings } from './surroundings.ts';

/** Longer than any timer of an agent. */
const FOREVER_MS = 2 ** 31 - 1;

/** Wakes the one who waits for it. A ring before the wait is not missed. */
export const bell = ({ sleep }: Pick<Surroundings, 'sleep'>) => {
  let isRung = false;
  let sleeper: AbortController | null = null;
  return {
    ring: (): void => {
      isRung = true;
      sleeper?.abort();
    },
    /** Resolves at a ring since the last wait, or after `ms`, null for never. */
    wait: async (ms: number | null): Promise<void> => {
      if (!isRung) {
        sleeper = new AbortController();
        await sleep(ms ?? FOREVER_MS, sleeper.signal);
        sleeper = null;
      }
      isRung = false;
    },
  };
};
