import { compareSequence } from '../log/sequence.ts';
import type { RawName } from '../storage/lake.ts';

export interface Walk {
  /** Files along the way. */
  readonly reached: readonly RawName[];
  /** The last record of a file that is missing; null if the chain is complete. */
  readonly gap: string | null;
}

/**
 * Walks a shard's chain of raw files backwards, from the last one written to a record that is known to be included ('0' for
 * the chain's beginning). Retries may have left other files that end at the same records. Any way back is correct, since a
 * file holds every line between the last record of its predecessor and its own last.
 */
export const walkChain = (files: readonly RawName[], start: string, end: string): Walk => {
  const byLast = new Map<string, RawName[]>();
  for (const file of files) byLast.set(file.last, [...(byLast.get(file.last) ?? []), file]);
  const visited = new Set<string>();
  const reached: RawName[] = [];
  const dead: string[] = [];
  let isWhole = false;
  const queue = [end];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (visited.has(at)) continue;
    visited.add(at);
    if (compareSequence(at, start) <= 0) isWhole = true;
    else {
      const before = (byLast.get(at) ?? []).filter(({ prev }) => prev !== null);
      if (before.length === 0) dead.push(at);
      reached.push(...before);
      queue.push(...before.map(({ prev }) => prev ?? ''));
    }
  }
  return { reached, gap: isWhole ? null : (dead.sort(compareSequence)[0] ?? end) };
};

/** The newest record at which a file of an epoch before a given time ends, if there is one. */
export const lastBefore = (files: readonly RawName[], epochMs: number): string | undefined =>
  files
    .filter((file) => file.epochMs < epochMs)
    .map(({ last }) => last)
    .sort(compareSequence)
    .at(-1);
