import { encodeEntry, quarantineEntry } from '../ingest/quarantine-entry.ts';
import { identityOf } from '../log/identity.ts';
import { decodeRecord } from '../log/record.ts';
import { parseEvent, type StoredEvent } from '../log/stored-event.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { Counter } from '../ports/figures.ts';
import type { BatchOutcome, Consumer, ShardRecords } from '../ports/log-reader.ts';
import { collect, type Duplicates, duplicates, SEEN_EXPIRY_MS, type SeenIds, seenWrites } from './duplicates.ts';
import { onShardBatch, type Progress, type ShardBatch, type ShardPorts, type ShardRecord } from './shard-batch.ts';

export interface FoldPorts extends ShardPorts {
  readonly quarantine: DeliveryStream;
  readonly clock: Clock;
  /** How far back, in log time, duplicates are detected. */
  readonly duplicateWindowMs: number;
}
export type Refuse = (event: StoredEvent, error: Error) => void;

/** What a consumer does with one batch. */
export interface BatchFold {
  /** Takes an event that is not a duplicate. If it throws, the event goes to quarantine, and the fold must be unchanged. */
  take(event: StoredEvent, record: ShardRecord): void;
  /** Called after each record's events, so that a fold need not keep the events of the whole batch in memory. */
  settle(record: ShardRecord): Promise<void>;
  /** Stores everything that was taken. */
  flush(): Promise<Progress['metrics']>;
}
/** A consumer that folds events; S is what it caches between batches of one shard, which can be dropped at any time. */
export interface ShardFold<S> {
  readonly consumer: Consumer;
  /** Whether this consumer puts unreadable records and lines in quarantine; exactly one consumer of a log does. */
  readonly reportsUnreadable: boolean;
  /** Names of its counters. */
  readonly counters: { readonly events: Counter; readonly duplicates: Counter };
  open(): S;
  /** @param refuse takes events that could not be added: they go to quarantine. */
  begin(batch: ShardBatch, session: S, refuse: Refuse): Promise<BatchFold>;
}
interface Session<S> {
  /** The progress for which it is valid. */
  upTo: string | null;
  readonly seen: Duplicates;
  readonly own: S;
}

/** Passes each event of a shard to a consumer's fold, deduplicated and without what cannot be read, and stores the seen ids once the fold is stored. */
export const foldShards = <S>(ports: FoldPorts, { consumer, reportsUnreadable, counters, open, begin }: ShardFold<S>) => {
  const { store, quarantine, clock, telemetry, duplicateWindowMs } = ports;
  const sessions = new Map<string, Session<S>>();

  const apply = async (batch: ShardBatch, session: Session<S>): Promise<Progress['metrics']> => {
    await session.seen.load(batch);
    const ids: SeenIds[] = [];
    const rejects: Uint8Array[] = [];
    const reject = (reason: 'undecodable-record' | 'fold-failed', message: string, bytes: Uint8Array, sequenceNumber: string): void => {
      const where = { reason, errors: [{ path: `${batch.shard}:${sequenceNumber}`, message }] };
      rejects.push(encodeEntry(quarantineEntry(where, bytes, clock(), { type: null, headers: {}, fallbackId: null })));
    };
    const linesOf = ({ data, sequenceNumber }: ShardRecord): readonly string[] => {
      try {
        return decodeRecord(data);
      } catch (error) {
        if (reportsUnreadable) reject('undecodable-record', (error as Error).message, data, sequenceNumber);
        return [];
      }
    };
    const fold = await begin(batch, session.own, (event, error) => reject('fold-failed', error.message, Buffer.from(JSON.stringify(event)), batch.after.upTo));
    let eventCount = 0;
    let duplicateCount = 0;
    for (const record of batch.records) {
      const identities: string[] = [];
      for (const line of linesOf(record)) {
        let event: StoredEvent;
        try {
          event = parseEvent(line);
          identities.push(identityOf(event.source, event.id));
        } catch (error) {
          if (reportsUnreadable) reject('fold-failed', (error as Error).message, Buffer.from(line), record.sequenceNumber);
          continue;
        }
        if (session.seen.isDuplicate(record.lane, identities.at(-1) as string, record.epochMs)) {
          duplicateCount++;
          continue;
        }
        try {
          fold.take(event, record);
        } catch (error) {
          reject('fold-failed', (error as Error).message, Buffer.from(line), record.sequenceNumber);
        }
      }
      collect(ids, record, identities);
      eventCount += identities.length;
      await fold.settle(record);
    }
    const after = await fold.flush();
    if (rejects.length > 0) await quarantine.deliver(rejects);
    await store.put(seenWrites(consumer, batch.shard, ids, clock() + SEEN_EXPIRY_MS));
    telemetry.count(counters.events, eventCount - duplicateCount);
    telemetry.count(counters.duplicates, duplicateCount);
    telemetry.count('rejected_records', rejects.length);
    session.upTo = batch.after.upTo;
    return after;
  };

  return async (records: ShardRecords): Promise<BatchOutcome> => {
    const { shard } = records;
    const outcome = await onShardBatch(consumer, ports, records, async (batch) => {
      let session = sessions.get(shard);
      const upTo = batch.before?.upTo ?? null;
      if (session === undefined || session.upTo !== upTo)
        sessions.set(shard, (session = { upTo, seen: duplicates(consumer, store, duplicateWindowMs), own: open() }));
      return { metrics: await apply(batch, session) };
    });
    if (outcome.failedFrom !== null) sessions.delete(shard);
    return outcome;
  };
};
