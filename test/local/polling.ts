import { type DeadLetter, type PollerOptions, poll } from '../../local/poller.ts';
import { compareSequence } from '../../shared/log/sequence.ts';
import type { LogRecord } from '../../shared/ports/log-reader.ts';

export const START = Date.parse('2026-11-21T10:00:00.000Z');
const OPTIONS: PollerOptions = { batchSize: 4, batchWindowMs: 0, firstWindowMs: 0, maxBatchWindowMs: 0, maxRetries: -1, maxRecordAgeMs: -1, bisect: false };
/** Records 1 to n, all there from the beginning unless told when each arrives (ms after the start). */
export const recordsOf = (n: number, arrivesAt: (i: number) => number, bytes: number): LogRecord[] =>
  Array.from({ length: n }, (_, i) => ({
    sequenceNumber: String(i + 1),
    lane: String(i % 2),
    arrivedAtMs: START + arrivesAt(i + 1),
    data: new Uint8Array(bytes).fill(i),
  }));
export const few = (n: number) => recordsOf(n, () => 0, 3);

export type Invoke = (sequenceNumbers: readonly string[], nowMs: number, takes: (ms: number) => void) => string | null;
interface World {
  readonly records: readonly LogRecord[];
  readonly options: Partial<PollerOptions>;
  /** Answers where the consumer failed, null for nowhere; it may throw, and move the clock on. */
  readonly invoke: Invoke;
  readonly checkpoint?: string;
  /** The shard takes no more records. */
  readonly closed?: boolean;
  readonly stopAfterMs?: number;
}

/** Runs the poller in a time that passes only where something waits; an open shard is left once nothing comes any more. */
export const run = async ({ records, options, invoke, checkpoint = '', closed = false, stopAfterMs = Number.POSITIVE_INFINITY }: World) => {
  let nowMs = START;
  const batches: string[] = [];
  const checkpoints: string[] = [];
  const letters: DeadLetter<LogRecord>[] = [];
  const waits: number[] = [];
  const taken: LogRecord[] = [];
  let isIdle = false;
  const wait = async (ms: number) => {
    nowMs += ms;
  };
  const result = await poll<LogRecord>(
    'shard-1',
    { ...OPTIONS, firstWindowMs: options.batchWindowMs ?? 0, ...options },
    {
      bytesOf: ({ data }) => data.length,
      read: async (_, after, limits) => {
        const there = records.filter(
          ({ arrivedAtMs, sequenceNumber }) => arrivedAtMs <= nowMs && compareSequence(sequenceNumber, after === '' ? '0' : after) > 0,
        );
        const some: LogRecord[] = [];
        let bytes = 0;
        for (const record of there.slice(0, limits.records)) {
          bytes += record.data.length;
          if (some.length > 0 && bytes > limits.bytes) break;
          some.push(record);
        }
        return { records: some, closed: closed && (some.at(-1)?.sequenceNumber ?? after) === (records.at(-1)?.sequenceNumber ?? '') };
      },
      invoke: async (some) => {
        taken.push(...some);
        const numbers = some.map(({ sequenceNumber }) => sequenceNumber);
        batches.push(numbers.length === 1 ? (numbers[0] as string) : `${numbers[0]}-${numbers.at(-1)}`);
        return { failedFrom: invoke(numbers, nowMs, (ms) => void (nowMs += ms)) };
      },
      readCheckpoint: async () => checkpoint,
      writeCheckpoint: async (sequenceNumber) => void checkpoints.push(sequenceNumber),
      deadLetter: async (letter) => void letters.push(letter),
      clock: () => nowMs,
      idle: async (ms) => {
        await wait(ms);
        isIdle = records.every(({ arrivedAtMs }) => arrivedAtMs <= nowMs - ms);
      },
      backOff: async (ms) => {
        waits.push(ms);
        await wait(ms);
      },
      stopping: () => isIdle || nowMs - START >= stopAfterMs,
    },
  );
  return { result, batches, checkpoints, letters, waits, taken, elapsedMs: nowMs - START };
};
export const fine: Invoke = () => null;
export const fails = (message: string) => {
  throw new Error(message);
};
