import type { Clock } from '../ports/clock.ts';

/** Reads again once what was read is older than so long; calls meanwhile share it. A failure is not kept. */
export const keptFor = <T>(ms: number, clock: Clock, read: () => Promise<T>): (() => Promise<T>) => {
  let last: { readonly atMs: number; readonly value: Promise<T> } | null = null;
  return () => {
    if (last === null || Math.abs(clock() - last.atMs) >= ms) {
      const next = { atMs: clock(), value: read() };
      last = next;
      next.value.catch(() => {
        if (last === next) last = null;
      });
    }
    return last.value;
  };
};
