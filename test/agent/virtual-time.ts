import type { Surroundings } from '../../agent/surroundings.ts';
import type { Random } from '../../testing/random.ts';

const FOREVER_MS = 1e9;

/** A clock that sleepers move: nobody waits really. */
export const virtualTime = (random: Random, startMs: number): Surroundings => {
  let nowMs = startMs;
  return {
    clock: () => nowMs,
    random: random.next,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const done = (): void => {
          signal.removeEventListener('abort', done);
          resolve();
        };
        signal.addEventListener('abort', done);
        if (ms >= FOREVER_MS) return;
        setImmediate(() => {
          if (!signal.aborted) nowMs += ms;
          done();
        });
      }),
  };
};
