import type { DeadLetter, DeadLetters } from '../../ports/dead-letters.ts';
import { DISCARDED } from '../../storage/lake.ts';

const MAX_DEAD_LETTERS = 1_000;

/** The dead letters of a stage: those in queues, and those in the lake, which hold their records. */
export const deadLettersOnAws = ({ queued, stored }: { readonly queued: DeadLetters; readonly stored: DeadLetters }): DeadLetters => {
  const keeperOf = ({ id }: DeadLetter): DeadLetters => (id.startsWith(DISCARDED) ? stored : queued);
  return {
    list: async () => {
      const lists = await Promise.all([queued.list(), stored.list()]);
      return lists
        .flat()
        .sort((a, b) => a.buriedAtMs - b.buriedAtMs)
        .slice(0, MAX_DEAD_LETTERS);
    },
    read: (deadLetter) => keeperOf(deadLetter).read(deadLetter),
    remove: (deadLetter) => keeperOf(deadLetter).remove(deadLetter),
  };
};
