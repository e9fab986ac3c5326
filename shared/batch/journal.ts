import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ObjectStore } from '../ports/object-store.ts';
import { type Started, StillRunningError } from '../ports/sql-engine.ts';
import { damagedResult } from '../storage/file-sums.ts';
import { journalKey } from '../storage/lake.ts';

/** The time limit came before the work was done; the next run resumes after the last finished step. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

interface Entries {
  /** The version of the code whose steps these are; missing if that is older than this note. */
  readonly layout?: number;
  /** The result of each finished step. */
  readonly steps: Record<string, unknown>;
  /** Every prefix that a step began to write to, whether it succeeded or not. */
  readonly attempts: { readonly prefix: string; good: boolean }[];
  /** By step: the run whose prefix a statement is writing to, null if it only reads, and the statement's execution. */
  readonly running?: Record<string, { readonly run: string | null; readonly query: string }>;
}
/** Writes under a prefix of its own, and returns the run id in that prefix. */
type Attempt = (prefixOf: (run: string) => string, write: (prefix: string, run: string, started: Started) => Promise<void>) => Promise<string>;

export interface Journal {
  /** Does a step; if an earlier run finished it, returns that result instead. A statement that an earlier run began, and that goes on, is waited for. */
  step<T>(name: string, work: (attempt: Attempt, started: Started) => Promise<T>): Promise<T>;
  /** Removes what failed attempts left behind, what its steps wrote and none of the names in `needed` is of (null if they are unknown), and the journal. */
  finish(needed: readonly string[] | null): Promise<void>;
  /** Removes everything that its steps wrote, except needed files, and the journal. */
  discard(isNeeded: (file: string) => boolean): Promise<void>;
}

/** A step needs at least this much time left, or it could be cut off in the middle. */
const MARGIN_MS = 60_000;

/**
 * The journal of one generation's build, a file in the lake: after an interruption, the next run continues with the first
 * unfinished step.
 * @param layout steps of code with another layout are done again.
 * @throws {DamagedError} if it cannot be read.
 */
export const openJournal = async (lake: ObjectStore, generation: string, msLeft: () => number, layout?: number): Promise<Journal> => {
  const key = journalKey(generation);
  const stored = await lake.get(key);
  const before: Entries = stored === null ? { steps: {}, attempts: [] } : decode(key, stored);
  const isOther = layout !== undefined && before.layout !== layout;
  const entries = {
    ...before,
    ...(layout === undefined ? {} : { layout }),
    steps: isOther ? {} : before.steps,
    running: isOther ? {} : { ...before.running },
  };
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
      const begun = entries.running[name];
      const started = (run: string | null): Started => ({
        id: begun?.query ?? null,
        note: async (query) => {
          entries.running[name] = { run, query };
          await save();
        },
        msLeft,
      });
      const attempt: Attempt = async (prefixOf, write) => {
        const run = begun?.run ?? `${generation}-${randomBytes(4).toString('hex')}`;
        const prefix = prefixOf(run);
        const own = entries.attempts.find((one) => one.prefix === prefix) ?? { prefix, good: false };
        if (begun?.run == null) entries.attempts.push(own);
        await save();
        await write(prefix, run, started(run));
        own.good = true;
        return run;
      };
      try {
        const result = await work(attempt, started(null));
        entries.steps[name] = result ?? null;
        delete entries.running[name];
        await save();
        return result;
      } catch (error) {
        // A retry starts the statement again, under another prefix.
        if (!(error instanceof StillRunningError) && entries.running[name] !== undefined) {
          delete entries.running[name];
          await save();
        }
        throw error;
      }
    },
    finish: async (needed) => {
      if (needed !== null) for (const attempt of entries.attempts) attempt.good = needed.some((name) => name.startsWith(attempt.prefix));
      await removeFailed(() => false);
    },
    discard: async (isNeeded) => {
      // Before any file is removed: a run that still used this journal would then repeat every step.
      for (const name of Object.keys(entries.steps)) delete entries.steps[name];
      for (const name of Object.keys(entries.running)) delete entries.running[name];
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
