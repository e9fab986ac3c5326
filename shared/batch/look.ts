import { isDeepStrictEqual } from 'node:util';
import type { Horizon } from '../consume/horizon.ts';
import type { CellStore } from '../ports/cell-store.ts';
import { documents } from '../storage/documents.ts';

/** What the batch layer's last run saw, for readers without permissions on the log. */
export interface Look {
  /** The horizon, in epoch milliseconds, and the shard that held it back. */
  readonly horizon: Horizon;
  /** The generation that was active, and the time up to which it was found to be complete: nothing came since its own horizon. */
  readonly generation: string | null;
  readonly wholeUntilMs: number;
  /** When it looked; missing if an older version did. */
  readonly atMs?: number;
}

/** The time up to which the batch layer has everything that arrived: a generation's horizon, or later if nothing came since. */
export const wholeUntilOf = (look: Look | null, generation: string, horizonMs: number): number =>
  look?.generation === generation ? Math.max(horizonMs, look.wholeUntilMs) : horizonMs;

const SORT = 'look';
const stored = (store: CellStore) => documents<Look>(store, 'batch');

export const readLook = (store: CellStore): Promise<Look | null> => stored(store).get(SORT);

export const noteLook = async (store: CellStore, look: Look): Promise<void> => {
  await stored(store).update(SORT, (before) => (isDeepStrictEqual(before, look) ? before : look));
};
