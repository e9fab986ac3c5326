import type Database from 'libsql';
import { LogUnavailableError } from '../../ports/event-log.ts';
import { FolderOwnedError } from '../../ports/folder-owned.ts';
import { isBusy, transaction } from './sqlite.ts';

/** How often an append is retried while another program has locked the file, and the pause between two tries. Nothing else waits meanwhile. */
const MAX_TRIES = 100;
const PAUSE_MS = 30;

interface Waiting {
  /** Writes its records in the open transaction. */
  readonly write: (atMs: number) => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  tries: number;
}

/** Appends that wait at the same time share one commit, and its arrival time. If one throws, the others continue, and it must have written nothing. */
export const appends = (database: Database.Database, arrive: () => number): ((write: Waiting['write']) => Promise<void>) => {
  const waiting: Waiting[] = [];
  let isComing = false;
  const commit = (): void => {
    isComing = false;
    const batch = waiting.splice(0);
    const refused = new Map<Waiting, Error>();
    try {
      transaction(database, () => {
        const atMs = arrive();
        for (const one of batch) {
          try {
            one.write(atMs);
          } catch (error) {
            if (!(error instanceof RangeError || error instanceof LogUnavailableError)) throw error;
            refused.set(one, error);
          }
        }
      });
    } catch (cause) {
      if (isBusy(cause)) again(batch);
      else for (const { reject } of batch) reject(cause instanceof FolderOwnedError ? cause : unavailable(cause as Error));
      return;
    }
    for (const one of batch) {
      const error = refused.get(one);
      if (error === undefined) one.resolve();
      else one.reject(error);
    }
  };
  const again = (batch: readonly Waiting[]): void => {
    for (const one of batch) {
      if (++one.tries < MAX_TRIES) waiting.push(one);
      else one.reject(new LogUnavailableError('Another program has locked the log file. Appends work again once the lock is released.'));
    }
    if (waiting.length === 0) return;
    isComing = true;
    setTimeout(commit, PAUSE_MS);
  };
  return (write) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ write, resolve, reject, tries: 0 });
      if (isComing) return;
      isComing = true;
      setImmediate(commit);
    });
};

const unavailable = (cause: Error): LogUnavailableError => new LogUnavailableError(`The log file did not accept records: ${cause.message}`, { cause });
