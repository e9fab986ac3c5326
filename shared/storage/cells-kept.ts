/** Clocks differ, a query takes its time, and a batch that was retried may end late. */
const SPARE_MS = 3_600_000;

/** When the cells of an epoch expire by themselves. They do so however far the batch layer has come, so whoever needs them asks `mayHaveExpired`. */
export const expiryOfCells = (epochMs: number, cellsKeptMs: number): number => epochMs + cellsKeptMs;

/**
 * Whether cells of epochs from `fromMs` on may have expired.
 * @param cellsKeptMs null if none expires before the batch layer retires it.
 */
export const mayHaveExpired = (fromMs: number, cellsKeptMs: number | null, nowMs: number): boolean =>
  cellsKeptMs !== null && nowMs > expiryOfCells(fromMs, cellsKeptMs) - SPARE_MS;
