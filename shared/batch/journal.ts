import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ObjectStore } from '../ports/object-store.ts';
import { damagedResult } from '../storage/file-sums.ts';
import { journalKey } from '../storage/lake.ts';

/** The time limit came before the work was done; the next run resumes after the last finished step. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

interface Entries {
  /** The result of each finished step. */
  readonly steps: Record<string, unknown>;
  /** Every prefix that a step began to write to, whether it succeeded or not. */
  readonly attempts: { readonly prefix: string; good: boolean }[];
}
/** Writes under a prefix of its own, and returns the run id in that prefix. */
type Attempt = (prefixOf: (run: string) => string, write: (prefix: string) => Promise<void>) => Promise<string>;

export interface Journal {
  /** Does a step; if an earlier run finished it, returns that result instead. */
  step<T>(name: string, work: (attempt: Attempt) => Promise<T>): Promise<T>;
  /** Removes what failed attempts left behind, and the journal. */
  finish(): Promise<void>;
  /** Removes everything that its steps wrote, except needed files, and the journal. */
  discard(isNeeded: (file: string) => boolean): Promise<void>;
}

/** A step needs at least this much time left, or it could be cut off in the middle. */
const MARGIN_MS = 60_000;

/**
 * The journal of one generation's build, a file in the lake: after an interruption, the next run continues with the first
 * unfinished step.
 * @throws {DamagedError} if it cannot be read.
 */
export const openJournal = async (lake: ObjectStore, generation: string, msLeft: () => number): Promise<Journal> => {
  const key = journalKey(generation);
  const stored = await lake.get(key);
  const entries: Entries = stored === null ? { steps: {}, attempts: [] } : decode(key, stored);
  // Compressed because gzip has a checksum.
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
      // Before any file is removed: a run that still used this journal would then repeat every step.
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
