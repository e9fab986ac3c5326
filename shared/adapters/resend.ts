import { backOffMs } from '../ports/back-off.ts';

/** Splits items into batches, in order, with a limit of items and bytes each. An item larger than that is a batch by itself. */
export const batches = <T>(items: readonly T[], bytesOf: (item: T) => number, most: { readonly items: number; readonly bytes: number }): T[][] => {
  const all: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const size = bytesOf(item);
    const last = all.at(-1);
    if (last === undefined || last.length === most.items || bytes + size > most.bytes) {
      all.push([item]);
      bytes = size;
    } else {
      last.push(item);
      bytes += size;
    }
  }
  return all;
};

export interface Resend<T> {
  /** Returns what the service left out. */
  readonly send: (items: readonly T[]) => Promise<readonly T[]>;
  /** Whether to continue after this many consecutive rounds without progress, with a wait of this many milliseconds. */
  readonly mayGoOn: (idleRounds: number, waitMs: number) => boolean;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
}

const BACK_OFF = { firstMs: 50, maxMs: 2_000 };

/**
 * Sends a batch, then what was left out of it, and so on; returns what is left when it stops trying. Waits by capped
 * exponential back-off with full jitter, which starts over after any progress.
 */
export const resend = async <T>(items: readonly T[], { send, mayGoOn, sleep, random }: Resend<T>): Promise<readonly T[]> => {
  let left = items;
  for (let idleRounds = 0; left.length > 0; ) {
    const before = left.length;
    left = await send(left);
    if (left.length === 0) break;
    idleRounds = left.length < before ? 0 : idleRounds + 1;
    const waitMs = random() * backOffMs(idleRounds + 1, BACK_OFF);
    if (!mayGoOn(idleRounds, waitMs)) break;
    await sleep(waitMs);
  }
  return left;
};
