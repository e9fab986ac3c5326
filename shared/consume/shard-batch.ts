import { nextEpoch } from '../log/epochs.ts';
import { compareSequence } from '../log/sequence.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { BatchOutcome, Consumer, LogRecord, ShardRecords } from '../ports/log-reader.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { progressKey } from '../storage/keys.ts';
import { type Lineage, lineageOf } from './lineage.ts';
import { decodeProgress, encodeProgress, type Kept, type Progress } from './progress.ts';

/** A record that this consumer has not processed yet. */
export interface ShardRecord extends LogRecord {
  readonly epochMs: number;
  /** As it is in the log. Each is decoded only when it is processed, so that a batch is never in memory as a whole. */
  readonly data: Uint8Array;
}
export interface ShardBatch {
  readonly shard: string;
  readonly before: Progress | null;
  /** What the shard continues, for its first batch; null for any later one. */
  readonly lineage: Lineage | null;
  readonly records: readonly ShardRecord[];
  /** When the oldest of them arrived. */
  readonly arrivedAtMs: number;
  /** The progress once every record's effects are stored, without the part that the consumer provides. */
  readonly after: Progress;
}

/** Another invocation has advanced this shard meanwhile; the batch has to be read again. */
export class ProgressMovedError extends Error {
  override readonly name = 'ProgressMovedError';
}

export interface ShardPorts {
  readonly store: CellStore;
  readonly log: Pick<EventLog, 'shards'>;
  readonly clock: Clock;
  readonly epochLengthMs: number;
  readonly telemetry: Telemetry;
}

/**
 * Runs one consumer's work on a batch of one shard's records, and writes its progress last, by compare-and-set: from then
 * on, records up to there are skipped. With effects that are idempotent until then (cells and entities know the last record
 * folded in), processing is exactly-once. If anything fails, the result names the first record that is not applied, so
 * everything from there on is retried; skipping a record would break the order.
 */
export const onShardBatch = async (
  consumer: Consumer,
  ports: ShardPorts,
  given: ShardRecords,
  work: (batch: ShardBatch) => Promise<Kept>,
): Promise<BatchOutcome> => {
  const [first] = given.records;
  if (first === undefined) return { failedFrom: null };
  const { store, clock, telemetry } = ports;
  try {
    const batch = await readBatch(consumer, ports, given);
    if (batch === null) return { failedFrom: null };
    const after: Progress = { ...batch.after, ...(await work(batch)) };
    const [written] = await store.put([
      {
        cell: { ...progressKey(consumer, batch.shard), version: after.upTo, body: encodeProgress(after) },
        expected: batch.before?.upTo ?? null,
        expiresAtMs: null,
      },
    ]);
    if (written !== true)
      throw new ProgressMovedError(`Expected ${consumer} on ${batch.shard} to be at ${batch.before?.upTo ?? 'its start'}, but another invocation advanced it`);
    telemetry.observe(`${consumer}_delay_seconds`, Math.max(0, clock() - batch.arrivedAtMs) / 1_000);
    return { failedFrom: null };
  } catch (error) {
    telemetry.error(`${consumer} failed and will be retried`, {
      from: `${given.shard}:${first.sequenceNumber}`,
      records: given.records.length,
      error: (error as Error).stack ?? String(error),
    });
    telemetry.count(`${consumer}_failures`, 1);
    return { failedFrom: first.sequenceNumber };
  }
};

const readBatch = async (
  consumer: Consumer,
  { store, log, epochLengthMs }: ShardPorts,
  { shard, records: given }: ShardRecords,
): Promise<ShardBatch | null> => {
  const [stored] = await store.get([progressKey(consumer, shard)]);
  const before = stored == null ? null : decodeProgress(stored.body, stored.version);
  const records: ShardRecord[] = [];
  const lineage = before === null ? await lineageOf(log, store, consumer, shard) : null;
  let epochMs = before?.epochMs ?? lineage?.begunMs ?? 0;
  let after = before;
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const { sequenceNumber, lane, arrivedAtMs, data } of given) {
    if (after !== null && compareSequence(sequenceNumber, after.upTo) <= 0) continue;
    oldestMs = Math.min(oldestMs, arrivedAtMs);
    epochMs = nextEpoch(epochMs, arrivedAtMs, epochLengthMs);
    records.push({ sequenceNumber, lane, arrivedAtMs, epochMs, data });
    after = { upTo: sequenceNumber, epochMs, arrivedAtMs, metrics: {} };
  }
  return after === null || records.length === 0 ? null : { shard, before, lineage, records, arrivedAtMs: oldestMs, after };
};
