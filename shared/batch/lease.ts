import { randomUUID } from 'node:crypto';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';

/** Does work that nobody else may do at the same time; answers null, without doing it, where somebody does. It ends, or is ended, within `endsWithinMs`. */
export type Alone = <T>(endsWithinMs: () => number, work: () => Promise<T>) => Promise<T | null>;

/** Clocks of two machines may differ this much. */
const MARGIN_MS = 30_000;

/** A lease in the cell store, of which a holder that was killed lets go by time. */
export const lease =
  ({ store, clock, name }: { store: CellStore; clock: Clock; name: string }): Alone =>
  async (endsWithinMs, work) => {
    const cell = { partition: 'leases', sort: name, version: randomUUID(), body: Buffer.alloc(0) };
    const [isHeld] = await store.put([{ cell, expected: null, expiresAtMs: clock() + endsWithinMs() + MARGIN_MS }]);
    if (isHeld !== true) return null;
    try {
      return await work();
    } finally {
      await store.put([{ cell, expected: cell.version, expiresAtMs: clock() }]);
    }
  };
