import type { CellKey, CellStore } from '../ports/cell-store.ts';

/** Runs of the batch layer that failed, one after another, since the last one that published. */
export interface Failures {
  readonly times: number;
  readonly sinceMs: number;
  readonly lastMs: number;
  readonly error: string;
  /** No run begins before, unless somebody asks for one, or a definition changes. */
  readonly nextTryMs: number;
  /** The pipeline's metric ids at the last one. */
  readonly definitions: string;
}

const KEY: CellKey = { partition: 'batch', sort: 'failures' };
const MAX_WAIT_MS = 6 * 3_600_000;

/** Exponential back-off. @param retryMs after the first failure. */
const waitMs = (times: number, retryMs: number): number => Math.min(MAX_WAIT_MS, retryMs * 2 ** (times - 1));

/** The failures, in the cell store; one run at a time writes them. */
export const failures = (store: CellStore) => {
  const stored = async () => (await store.get([KEY]))[0] ?? null;
  const write = async (change: (before: Failures | null) => Failures | null): Promise<void> => {
    for (;;) {
      const cell = await stored();
      const before = cell === null ? null : (JSON.parse(Buffer.from(cell.body).toString()) as Failures | null);
      const after = change(before);
      if (after === before) return;
      const version = String(Number(cell?.version ?? 0) + 1);
      const [written] = await store.put([
        { cell: { ...KEY, version, body: Buffer.from(JSON.stringify(after)) }, expected: cell?.version ?? null, expiresAtMs: null },
      ]);
      if (written === true) return;
    }
  };
  return {
    read: async (): Promise<Failures | null> => {
      const cell = await stored();
      return cell === null ? null : (JSON.parse(Buffer.from(cell.body).toString()) as Failures | null);
    },
    note: (error: string, definitions: string, nowMs: number, retryMs: number): Promise<void> =>
      write((before) => {
        const times = (before?.times ?? 0) + 1;
        return { times, sinceMs: before?.sinceMs ?? nowMs, lastMs: nowMs, error, nextTryMs: nowMs + waitMs(times, retryMs), definitions };
      }),
    clear: (): Promise<void> => write(() => null),
  };
};

/**
 * Whether the batch layer rests after failures. A request that came since the last one, or other definitions, may help, so
 * they are tried at once; a next try that is too far ahead was set by a clock that was.
 */
export const isResting = (
  failing: Failures | null,
  { nowMs, definitions, requestedAtMs }: { readonly nowMs: number; readonly definitions: string; readonly requestedAtMs: number | null },
): failing is Failures =>
  failing !== null &&
  nowMs < failing.nextTryMs &&
  failing.nextTryMs <= nowMs + MAX_WAIT_MS &&
  failing.definitions === definitions &&
  (requestedAtMs === null || requestedAtMs <= failing.lastMs);
