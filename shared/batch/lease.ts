import { randomUUID } from 'node:crypto';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';

/** Runs work under mutual exclusion; returns null, without running it, if somebody else is running it. The work ends, or is killed, within `endsWithinMs`. */
export type Alone = <T>(endsWithinMs: () => number, work: () => Promise<T>) => Promise<T | null>;

/** Clocks of two machines may differ by this much. */
const MARGIN_MS = 30_000;

/** A lease in the cell store; the lease of a killed holder expires. */
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
