import { setImmediate as tick } from 'node:timers/promises';
import type { Random } from '../../testing/random.ts';

/** What runs code and can die: a container of a function, or a client. */
export interface Process {
  readonly name: string;
  isDead: boolean;
  /** The clock of its machine, against the others'. */
  readonly skewMs: number;
  /** Whether an error of a port was given to what runs in it. */
  hurt: boolean;
  /** Resolves when it dies. */
  readonly death: Promise<'died'>;
  readonly kill: () => void;
}
export const newProcess = (name: string, skewMs: number): Process => {
  let die: (how: 'died') => void = () => {};
  const death = new Promise<'died'>((resolve) => {
    die = resolve;
  });
  const process: Process = {
    name,
    isDead: false,
    skewMs,
    hurt: false,
    death,
    kill: () => {
      process.isDead = true;
      die('died');
    },
  };
  return process;
};

/**
 * Decides who goes on. Every call of a port waits here twice, before it is done and before its answer arrives; nothing else
 * in a history takes time. So a seed gives one interleaving, whatever the machine.
 */
export const scheduler = () => {
  let parked: { readonly process: Process; readonly go: () => void }[] = [];
  const working = new Set<Promise<unknown>>();
  let moves = 0;
  /** Until everybody waits here or has ended. */
  const rest = async (): Promise<void> => {
    await tick();
    while (working.size > 0) {
      await Promise.race(working);
      await tick();
    }
  };
  return {
    turn: (process: Process): Promise<void> => new Promise((go) => parked.push({ process, go })),
    /** Notes work that takes real time, such as a query's. */
    during: async <T>(work: Promise<T>): Promise<T> => {
      const noted = work.then(
        () => {},
        () => {},
      );
      working.add(noted);
      try {
        return await work;
      } finally {
        working.delete(noted);
      }
    },
    rest,
    /** Lets one call go on; false if none waits. */
    move: async (r: Random): Promise<boolean> => {
      parked = parked.filter(({ process }) => !process.isDead);
      if (parked.length === 0) return false;
      const [next] = parked.splice(r.integer(0, parked.length - 1), 1);
      next?.go();
      moves++;
      await rest();
      return true;
    },
    moves: () => moves,
  };
};
export type Scheduler = ReturnType<typeof scheduler>;
