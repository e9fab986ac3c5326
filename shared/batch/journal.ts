import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ObjectStore } from '../ports/object-store.ts';
import { damagedResult } from '../storage/file-sums.ts';
import { journalKey } from '../storage/lake.ts';

/** Time is up before the work is done; the next run goes on from what stands. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

interface Entries {
  /** What each finished step gave. */
  readonly steps: Record<string, unknown>;
  /** Every prefix that a step began to write, whether it ended well or not. */
  readonly attempts: { readonly prefix: string; good: boolean }[];
}
/** Writes under a prefix of its own, and answers the run that names it. */
type Attempt = (prefixOf: (run: string) => string, write: (prefix: string) => Promise<void>) => Promise<string>;

export interface Journal {
  /** Does a step, or answers what it gave when it was done before. */
  step<T>(name: string, work: (attempt: Attempt) => Promise<T>): Promise<T>;
  /** Removes what failed attempts left, and the journal. */
  finish(): Promise<void>;
  /** Removes all that its steps wrote, but for files that are needed, and the journal. */
  discard(isNeeded: (file: string) => boolean): Promise<void>;
}

/** A step that takes longer than this could be cut off. */
const MARGIN_MS = 60_000;

/**
 * The journal of one generation's making, a file in the lake: a run that is cut off goes on with the next step.
 * @throws {DamagedError} where it does not read.
 */
export const openJournal = async (lake: ObjectStore, generation: string, msLeft: () => number): Promise<Journal> => {
  const key = journalKey(generation);
  const stored = await lake.get(key);
  const entries: Entries = stored === null ? { steps: {}, attempts: [] } : decode(key, stored);
  // Compressed for its checksum.
  const save = () => lake.put(key, gzipSync(JSON.stringify(entries)));
  const removeFailed = async (isNeeded: (file: string) => boolean): Promise<void> => {
    for (const { prefix, good } of entries.attempts) {
      if (good) continue;
      const left: string[] = [];
      for await (const object of lake.list(prefix, '')) if (!isNeeded(object.key)) left.push(object.key);
      await lake.remove(left);
    }
    await lake.remove([key]);
  };
  return {
    step: async (name, work) => {
      if (name in entries.steps) return entries.steps[name] as never;
      if (msLeft() < MARGIN_MS) throw new OutOfTimeError(`Stopped before step '${name}' of generation ${generation}`);
      const result = await work(async (prefixOf, write) => {
        const run = `${generation}-${randomBytes(4).toString('hex')}`;
        const attempt = { prefix: prefixOf(run), good: false };
        entries.attempts.push(attempt);
        await save();
        await write(attempt.prefix);
        attempt.good = true;
        return run;
      });
      entries.steps[name] = result ?? null;
      await save();
      return result;
    },
    finish: () => removeFailed(() => false),
    discard: async (isNeeded) => {
      // Before any file goes: whoever went on with it all the same would do every step anew.
      for (const name of Object.keys(entries.steps)) delete entries.steps[name];
      for (const attempt of entries.attempts) attempt.good = false;
      await save();
      await removeFailed(isNeeded);
    },
  };
};

/** Older versions wrote plain JSON. */
const decode = (key: string, stored: Uint8Array): Entries => {
  try {
    return JSON.parse((stored[0] === 0x7b ? Buffer.from(stored) : gunzipSync(stored)).toString());
  } catch (cause) {
    throw damagedResult(key, `Expected the journal of a generation: ${(cause as Error).message}.`);
  }
};
