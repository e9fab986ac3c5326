import { backOffMs } from '../ports/back-off.ts';
import type { CellStore } from '../ports/cell-store.ts';
import { documents } from '../storage/documents.ts';

/** Consecutive failed runs of the batch layer since the last one that published. */
export interface Failures {
  readonly times: number;
  readonly sinceMs: number;
  readonly lastMs: number;
  readonly error: string;
  /** No run begins before this time, unless one is requested or a definition changes. */
  readonly nextTryMs: number;
  /** The pipeline's metric ids at the last failure. */
  readonly definitions: string;
}

const SORT = 'failures';
const MAX_WAIT_MS = 6 * 3_600_000;

/** The failures, stored in the cell store; only one run at a time writes them. */
export const failures = (store: CellStore) => {
  const stored = documents<Failures | null>(store, 'batch');
  return {
    read: (): Promise<Failures | null> => stored.get(SORT),
    note: async (error: string, definitions: string, nowMs: number, retryMs: number): Promise<void> => {
      await stored.update(SORT, (before) => {
        const times = (before?.times ?? 0) + 1;
        return {
          times,
          sinceMs: before?.sinceMs ?? nowMs,
          lastMs: nowMs,
          error,
          nextTryMs: nowMs + backOffMs(times, { firstMs: retryMs, maxMs: MAX_WAIT_MS }),
          definitions,
        };
      });
    },
    clear: async (): Promise<void> => {
      await stored.update(SORT, () => null);
    },
  };
};

/**
 * Whether the batch layer backs off after failures. A request that came since the last failure, or changed definitions, may
 * help, so they are tried at once. A failure that is still to come was noted by a clock that was ahead, and is ignored.
 */
export const isBackingOff = (
  failing: Failures | null,
  { nowMs, definitions, requestedAtMs }: { readonly nowMs: number; readonly definitions: string; readonly requestedAtMs: number | null },
): failing is Failures =>
  failing !== null &&
  failing.lastMs <= nowMs &&
  nowMs < failing.nextTryMs &&
  failing.definitions === definitions &&
  (requestedAtMs === null || requestedAtMs <= failing.lastMs);
