import { encodeEntry, quarantineEntry } from '../ingest/quarantine-entry.ts';
import { ZstdMissingError } from '../log/compression.ts';
import { inflateRecord } from '../log/record.ts';
import { parseEvent, type StoredEvent } from '../log/stored-event.ts';
import { ownUnit, type Unit, unitReader } from '../log/unit.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { Counter } from '../ports/figures.ts';
import type { BatchOutcome, Consumer, ShardRecords } from '../ports/log-reader.ts';
import { type BatchNotes, batchNotes, NOTES_EXPIRY_MS, placeNotes } from './batch-notes.ts';
import type { Progress } from './progress.ts';
import { onShardBatch, type ShardBatch, type ShardPorts, type ShardRecord } from './shard-batch.ts';
import { shardCaches } from './shard-caches.ts';
import { type ShardIds, shardIds } from './shard-ids.ts';

export interface FoldPorts extends ShardPorts {
  readonly quarantine: DeliveryStream;
  readonly clock: Clock;
  /** How far back, in log time, duplicates are detected. */
  readonly duplicateWindowMs: number;
  /** What all shards together may take in memory between batches; above it, the least recently used ones are dropped. */
  readonly cacheBytes: number;
  /** What the store bills a write by. Notes ride in the progress while it stays within the units that it takes anyway. */
  readonly writeUnitBytes: number;
}
export type Refuse = (event: StoredEvent, error: Error) => void;

/** What a fold keeps in the progress. */
export type Folding = Pick<Progress, 'metrics' | 'arrived' | 'tables'>;

/** Lines of a record that a fold takes without an object for each, by their number from 0 on. */
export interface ReadLines {
  has(line: number): boolean;
  /** Where the line after one that it has begins. */
  next(line: number): number;
  unit(line: number): Unit;
  event(line: number): Pick<StoredEvent, 'source' | 'id'>;
  /** Takes one that is not a duplicate. */
  take(line: number): void;
  /** Called when the record is settled, or has failed. */
  release(): void;
}

/** What a consumer does with one batch. */
export interface BatchFold {
  /** Reads a record's lines at once. If it returns null, or for lines that it does not have, `take` gets the events. */
  readonly read?: (ndjson: Buffer, record: ShardRecord) => ReadLines | null;
  /** Takes an event that is not a duplicate. If it throws, the event goes to quarantine, and the fold must be unchanged. */
  take(event: StoredEvent, record: ShardRecord): void;
  /** Called after each record's events, so that a fold need not keep the events of the whole batch in memory. */
  settle(record: ShardRecord): Promise<void>;
  /** Stores everything that was taken. */
  flush(): Promise<Folding>;
}
/** A consumer that folds events; S is its cache of what is stored of one shard, used only by a batch that begins where the last one ended. */
export interface ShardFold<S> {
  readonly consumer: Consumer;
  /** Whether this consumer puts unreadable records and lines in quarantine; exactly one consumer of a log does. */
  readonly reportsUnreadable: boolean;
  /** Names of its counters. */
  readonly counters: { readonly events: Counter; readonly duplicates: Counter };
  open(): S;
  bytesOf(session: S): number;
  /** @param refuse takes events that could not be added: they go to quarantine. */
  begin(batch: ShardBatch, session: S, refuse: Refuse): Promise<BatchFold>;
}
interface Cache<S> {
  readonly known: ShardIds;
  /** Null if it may be out of date. */
  own: S | null;
}

type IsDuplicate = (unit: Unit, event: Pick<StoredEvent, 'source' | 'id'>, record: ShardRecord) => boolean;
const NEWLINE = 0x0a;

/** Passes each event of a shard to a consumer's fold, deduplicated and without what cannot be read, and notes them once the fold is stored. */
export const foldShards = <S>(ports: FoldPorts, { consumer, reportsUnreadable, counters, open, bytesOf, begin }: ShardFold<S>) => {
  const { store, quarantine, clock, telemetry, duplicateWindowMs: windowMs, cacheBytes, writeUnitBytes } = ports;
  const { upToProgress } = shardIds(consumer, ports);
  const caches = shardCaches<Cache<S>>(
    cacheBytes,
    ({ known, own }) => known.ids.bytes + (own === null ? 0 : bytesOf(own)),
    () => telemetry.count('cache_evictions', 1),
  );

  /** Folds every event that is not a duplicate. */
  const fold = async (batch: ShardBatch, own: S, isDuplicate: IsDuplicate): Promise<Folding> => {
    const rejects: Uint8Array[] = [];
    const reject = (reason: 'undecodable-record' | 'fold-failed', message: string, bytes: Uint8Array, sequenceNumber: string): void => {
      const where = { reason, errors: [{ path: `${batch.shard}:${sequenceNumber}`, message }] };
      rejects.push(encodeEntry(quarantineEntry(where, bytes, clock(), { type: null, headers: {}, fallbackId: null })));
    };
    const inflated = ({ data, sequenceNumber }: ShardRecord): Buffer => {
      try {
        return inflateRecord(data);
      } catch (error) {
        if (error instanceof ZstdMissingError) throw error;
        if (reportsUnreadable) reject('undecodable-record', (error as Error).message, data, sequenceNumber);
        return Buffer.alloc(0);
      }
    };
    const into = await begin(batch, own, (event, error) => reject('fold-failed', error.message, Buffer.from(JSON.stringify(event)), batch.after.upTo));
    let eventCount = 0;
    let duplicateCount = 0;
    const unitOf = unitReader();
    const takeText = (line: string, record: ShardRecord): void => {
      let event: StoredEvent;
      try {
        event = parseEvent(line);
      } catch (error) {
        if (reportsUnreadable) reject('fold-failed', (error as Error).message, Buffer.from(line), record.sequenceNumber);
        return;
      }
      eventCount++;
      if (isDuplicate(unitOf(event.source, event.id), event, record)) {
        duplicateCount++;
        return;
      }
      try {
        into.take(event, record);
      } catch (error) {
        reject('fold-failed', (error as Error).message, Buffer.from(line), record.sequenceNumber);
      }
    };
    for (const record of batch.records) {
      const ndjson = inflated(record);
      const read = into.read?.(ndjson, record) ?? null;
      try {
        for (let start = 0, line = 0; start < ndjson.length; line++) {
          if (read?.has(line)) {
            eventCount++;
            if (isDuplicate(read.unit(line), read.event(line), record)) duplicateCount++;
            else read.take(line);
            start = read.next(line);
          } else {
            const end = ndjson.indexOf(NEWLINE, start);
            // Each line is decoded separately, because most are ASCII, which is several times faster.
            takeText(ndjson.toString('utf8', start, end), record);
            start = end + 1;
          }
        }
        await into.settle(record);
      } finally {
        read?.release();
      }
    }
    const after = await into.flush();
    if (rejects.length > 0) await quarantine.deliver(rejects);
    telemetry.count(counters.events, eventCount - duplicateCount);
    telemetry.count(counters.duplicates, duplicateCount);
    telemetry.count('rejected_records', rejects.length);
    return after;
  };

  return async (records: ShardRecords): Promise<BatchOutcome> => {
    const { shard } = records;
    let cache = caches.take(shard);
    let remember = (): void => {};
    const outcome = await onShardBatch(consumer, ports, records, async (batch) => {
      const isNext = cache !== null && cache.known.at?.upTo === batch.before?.upTo;
      const { known, noted, isOld } = await upToProgress(cache?.known ?? null, batch);
      const own = (isNext && known === cache?.known ? cache.own : null) ?? open();
      cache = { known, own };
      const notes = batchNotes(noted.tail);
      const isKnown = (unit: Unit, sinceMs: number): boolean => notes.has(unit, sinceMs) || known.ids.has(unit, sinceMs);
      const folding = await fold(batch, own, (unit, event, record) => {
        const sinceMs = record.epochMs - windowMs;
        const isDuplicate = isKnown(unit, sinceMs) || (isOld && unit.offset >= 0 && known.ids.has(ownUnit(event.source, event.id), sinceMs));
        notes.add(unit, record);
        return isDuplicate;
      });
      const expiresAtMs = clock() + NOTES_EXPIRY_MS;
      const placed = placeNotes(consumer, batch, notes, { noted, kept: { ...batch.after, ...folding }, windowMs, writeUnitBytes, expiresAtMs });
      if (placed.writes.length > 0) await store.put(placed.writes);
      remember = () => take(known, batch, notes, windowMs);
      return { ...folding, noted: placed.noted };
    });
    if (cache === null) return outcome;
    // After any error the notes are dropped, and what the consumer caches: the next batch reads what it misses.
    if (outcome.failedFrom === null) remember();
    else cache.own = null;
    caches.keep(shard, cache);
    return outcome;
  };
};

/** What a batch noted is known once its progress is stored. */
const take = (known: ShardIds, { after }: ShardBatch, notes: BatchNotes, windowMs: number): void => {
  for (const { epochMs, units } of notes.all) units.each((unit, length) => known.ids.note(unit, length, epochMs));
  known.ids.forget(after.epochMs - windowMs);
  known.at = after;
};
