import { setImmediate as otherWork } from 'node:timers/promises';
import { backOffMs } from '../shared/ports/back-off.ts';
import type { BatchOutcome } from '../shared/ports/log-reader.ts';

/** The settings of a poller; the same as those of Lambda's event source mappings for Kinesis and DynamoDB streams. */
export interface PollerOptions {
  readonly batchSize: number;
  /** How long a batch that is not full may wait for more, from its first record on. */
  readonly batchWindowMs: number;
  /** The same for the first batch after a start. */
  readonly firstWindowMs: number;
  /** The same under load: a batch waits as long as the one before it took, up to this, while more keeps coming, so that a busy machine gets fewer, larger batches. */
  readonly maxBatchWindowMs: number;
  /** Retries after the first try; −1 for no limit. */
  readonly maxRetries: number;
  /** Older records (by arrival) are discarded as dead letters; −1 for no limit. */
  readonly maxRecordAgeMs: number;
  /** Whether a failed batch is retried in halves. */
  readonly bisect: boolean;
}
export interface PolledRecord {
  readonly sequenceNumber: string;
  readonly arrivedAtMs: number;
}
export interface DeadLetter<R extends PolledRecord> {
  readonly shard: string;
  readonly records: readonly R[];
  readonly reason: 'retries' | 'age';
  readonly attempts: number;
  readonly error: string;
}
export interface PollerPorts<R extends PolledRecord> {
  /** Records of a shard after a sequence number ('' for its start), in order. `closed` if none will ever follow these. */
  readonly read: (
    shard: string,
    after: string,
    limits: { readonly records: number; readonly bytes: number },
  ) => Promise<{ readonly records: readonly R[]; readonly closed: boolean }>;
  readonly bytesOf: (record: R) => number;
  /** The consumer. */
  readonly invoke: (records: readonly R[]) => Promise<BatchOutcome>;
  readonly readCheckpoint: () => Promise<string>;
  readonly writeCheckpoint: (sequenceNumber: string) => Promise<void>;
  /** Must be durable when it resolves. */
  readonly deadLetter: (letter: DeadLetter<R>) => Promise<void>;
  readonly clock: () => number;
  /** Waits; ends early if new records or a stop are announced. */
  readonly idle: (ms: number) => Promise<void>;
  /** Waits before a retry, or for a batch to fill; not shortened by new records. */
  readonly backOff: (ms: number) => Promise<void>;
  readonly stopping: () => boolean;
}

/** As many bytes as Lambda passes at once: its 6 MB are in base64. */
const MAX_PAYLOAD_BYTES = 4_500_000;
const IDLE_MS = 250;
/** How often a batch that waits for more records looks for them. */
const LOOK_MS = 100;
const BACK_OFF = { firstMs: 100, maxMs: 10_000 };

/**
 * Reads one shard from its checkpoint on, in order, and passes its records to a consumer, batch after batch. The checkpoint
 * advances when a batch has succeeded. Ends when the shard is closed and drained ('drained') or when told to ('stopped').
 * Semantics: docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html and kinesis-on-failure-destination.html
 */
export const poll = async <R extends PolledRecord>(shard: string, options: PollerOptions, ports: PollerPorts<R>): Promise<'drained' | 'stopped'> => {
  const { clock, idle, stopping, writeCheckpoint } = ports;
  let checkpoint = await ports.readCheckpoint();
  let [leastMs, windowMs] = [options.firstWindowMs, options.firstWindowMs];
  while (!stopping()) {
    const { records, closed } = await gather(shard, checkpoint);
    if (records.length === 0) {
      if (closed) return 'drained';
      await idle(IDLE_MS);
      continue;
    }
    const startedAtMs = clock();
    if (!(await deliver(records))) return 'stopped';
    leastMs = options.batchWindowMs;
    windowMs = Math.min(options.maxBatchWindowMs, Math.max(leastMs, clock() - startedAtMs));
    // Yields to the event loop: with stores that answer synchronously, messages, timers and the freeing of native memory would be starved.
    await otherWork();
  }
  return 'stopped';

  /** One batch: as many records as it may hold, after waiting for more no longer than the window. */
  async function gather(id: string, after: string): Promise<{ records: R[]; closed: boolean }> {
    const records: R[] = [];
    let bytes = 0;
    let [least, deadline] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (;;) {
      const from = records.at(-1)?.sequenceNumber ?? after;
      const { records: more, closed } = await ports.read(id, from, { records: options.batchSize - records.length, bytes: MAX_PAYLOAD_BYTES - bytes });
      records.push(...more);
      bytes = records.reduce((sum, record) => sum + ports.bytesOf(record), 0);
      if (records.length === 0) return { records, closed };
      if (deadline === Number.POSITIVE_INFINITY) [least, deadline] = [clock() + leastMs, clock() + windowMs];
      const isFull = records.length >= options.batchSize || bytes >= MAX_PAYLOAD_BYTES * 0.9;
      // Past its minimum window a batch waits only while the load lasts.
      const isQuiet = more.length === 0 && clock() >= least;
      if (closed || stopping() || isFull || isQuiet || clock() >= deadline) return { records, closed };
      // Not woken by new records: each wake-up would cost a read.
      await ports.backOff(Math.min(LOOK_MS, Math.max(1, (clock() < least ? least : deadline) - clock())));
    }
  }

  /** Runs until every record has succeeded or is dead-lettered; false if it was told to stop before. */
  async function deliver(batch: readonly R[]): Promise<boolean> {
    /** Parts that are still to be processed, in order: how often each has failed, and how many retries that took. */
    const parts: { records: readonly R[]; failures: number; retries: number }[] = [{ records: batch, failures: 0, retries: 0 }];
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const { records, failures, retries } = part;
      if (failures > 0) {
        if (stopping()) return false;
        await ports.backOff(backOffMs(failures, BACK_OFF));
      }
      // Only from the start: arrival times can step back, and records are processed in order.
      const young = records.findIndex(({ arrivedAtMs }) => options.maxRecordAgeMs < 0 || clock() - arrivedAtMs <= options.maxRecordAgeMs);
      const expired = young === -1 ? records.length : young;
      if (expired > 0 && failures > 0) {
        await ports.deadLetter({ shard, records: records.slice(0, expired), reason: 'age', attempts: failures, error: 'Its records became too old' });
        await done(records[expired - 1] as R);
        if (expired < records.length) parts.unshift({ records: records.slice(expired), failures: 0, retries: 0 });
        continue;
      }
      const { failedFrom, error } = await attempt(records);
      if (failedFrom > 0) await done(records[failedFrom - 1] as R);
      if (failedFrom >= records.length) continue;
      const rest = records.slice(failedFrom);
      // A split does not count as a retry: splitting ends by itself.
      const split = { failures: failures + 1, retries };
      if (options.bisect && failedFrom > 0) parts.unshift({ ...split, records: rest });
      else if (options.bisect && rest.length > 1) {
        const half = rest.length >> 1;
        parts.unshift({ ...split, records: rest.slice(0, half) }, { ...split, records: rest.slice(half) });
      } else if (options.maxRetries >= 0 && retries >= options.maxRetries) {
        await ports.deadLetter({ shard, records: rest, reason: 'retries', attempts: failures + 1, error });
        await done(rest.at(-1) as R);
      } else parts.unshift({ records: rest, failures: failures + 1, retries: retries + 1 });
    }
    return true;
  }

  async function done(record: R): Promise<void> {
    await writeCheckpoint(record.sequenceNumber);
    checkpoint = record.sequenceNumber;
  }

  /** Calls the consumer. Records before `failedFrom` succeeded. A result that names an unknown record fails the whole batch. */
  async function attempt(records: readonly R[]): Promise<{ failedFrom: number; error: string }> {
    try {
      const { failedFrom } = await ports.invoke(records);
      if (failedFrom === null) return { failedFrom: records.length, error: '' };
      const at = records.findIndex(({ sequenceNumber }) => sequenceNumber === failedFrom);
      return { failedFrom: Math.max(0, at), error: `The consumer failed at ${failedFrom}` };
    } catch (error) {
      return { failedFrom: 0, error: (error as Error).message };
    }
  }
};
