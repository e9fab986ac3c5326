import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOKS_EVERY_MS = 100;

/**
 * Runs something while no other process does that has the same lock: a folder that is there meanwhile.
 * @param endsWithinMs after that the owner must have died, and its lock is taken.
 */
export const alone = async <T>(lock: string, endsWithinMs: number, work: () => Promise<T>): Promise<T> => {
  mkdirSync(dirname(lock), { recursive: true });
  while (!isTaken(lock, endsWithinMs)) await sleep(LOOKS_EVERY_MS);
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
};

const isTaken = (lock: string, endsWithinMs: number): boolean => {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const sinceMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (sinceMs !== undefined && Date.now() - sinceMs > endsWithinMs) rmSync(lock, { recursive: true, force: true });
    return false;
  }
};
