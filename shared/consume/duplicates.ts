import { stamp } from '../log/epochs.ts';
import { type SeenTable, seenTable } from '../log/seen-table.ts';
import { compareSequence } from '../log/sequence.ts';
import type { CellStore, CellWrite } from '../ports/cell-store.ts';
import type { Consumer } from '../ports/log-reader.ts';
import { isDeadLetterShard, readSeenSort, seenPartition, seenSort } from '../storage/keys.ts';
import type { ShardBatch, ShardRecord } from './shard-batch.ts';

/**
 * Deduplicates events. An event is a duplicate if its source and id are at an earlier log position, in an epoch at most the
 * window before its own. Epochs are log time, so every retry of a batch decides the same way. Only events at earlier
 * positions are considered; what a failed flush wrote about later ones is ignored.
 */
export interface Duplicates {
  /** Loads what earlier batches noted of these lanes, unless it is cached. */
  load(batch: ShardBatch): Promise<void>;
  /** Whether the event is a duplicate; notes its identity. Must be called for every event of a batch, in order. */
  isDuplicate(lane: string, identity: string, epochMs: number): boolean;
}

export const BYTES_PER_ID = 8;
/** Longer than any log keeps records, so that a retry of any record still finds what came before it. */
export const SEEN_EXPIRY_MS = 8 * 86_400_000;
/** Per item; DynamoDB takes 400 KB. */
const MAX_BYTES = 36_000 * BYTES_PER_ID;

export const duplicates = (consumer: Consumer, store: CellStore, windowMs: number): Duplicates => {
  const lanes = new Map<string, SeenTable>();
  return {
    load: async (batch) => {
      for (const lane of new Set(batch.records.map((record) => record.lane))) {
        if (lanes.has(lane)) continue;
        const table = seenTable(windowMs);
        const firstMs = isDeadLetterShard(batch.shard) ? (batch.records[0]?.epochMs ?? 0) : (batch.before?.epochMs ?? 0);
        const from = stamp(Math.max(0, firstMs - windowMs));
        // A dead letter is old: ids from long after it are irrelevant, and would evict the relevant ones.
        const to = isDeadLetterShard(batch.shard) ? `${stamp(batch.after.epochMs + windowMs)}~` : '~';
        for (const { sort, body } of await store.query({ partition: seenPartition(consumer, lane), from, to })) {
          const { epochMs, shard, last } = readSeenSort(sort);
          // This shard's records after its progress will be read again, and noted then.
          if (shard === batch.shard && (batch.before === null || compareSequence(last, batch.before.upTo) > 0)) continue;
          noteAll(table, body, epochMs);
        }
        lanes.set(lane, table);
      }
    },
    isDuplicate: (lane, identity, epochMs) => {
      const table = lanes.get(lane);
      if (table === undefined) throw new RangeError(`Expected lane ${lane} to be loaded`);
      const before = table.note(identity, epochMs);
      return before !== null && before >= epochMs - windowMs;
    },
  };
};

const noteAll = (table: SeenTable, body: Uint8Array, epochMs: number): void => {
  const hex = Buffer.from(body).toString('hex');
  for (let i = 0; i < hex.length; i += 2 * BYTES_PER_ID) table.note(hex.slice(i, i + 2 * BYTES_PER_ID), epochMs);
};

/** One lane's identities in one epoch of a batch, in log order. */
export interface SeenIds {
  readonly lane: string;
  readonly epochMs: number;
  readonly first: string;
  last: string;
  /** One buffer per record, BYTES_PER_ID an identity. */
  readonly identities: Buffer[];
}

/** Adds a record's identities to what its batch will write. */
export const collect = (all: SeenIds[], record: ShardRecord, identities: readonly string[]): void => {
  if (identities.length === 0) return;
  let ids = all.find(({ lane, epochMs }) => lane === record.lane && epochMs === record.epochMs);
  if (ids === undefined)
    all.push((ids = { lane: record.lane, epochMs: record.epochMs, first: record.sequenceNumber, last: record.sequenceNumber, identities: [] }));
  ids.last = record.sequenceNumber;
  ids.identities.push(Buffer.from(identities.join(''), 'hex'));
};

/** A batch's identities as items. An item's key determines its content, so one that is already stored is the same. */
export const seenWrites = (consumer: Consumer, shard: string, all: readonly SeenIds[], expiresAtMs: number): CellWrite[] =>
  all.flatMap(({ lane, epochMs, first, last, identities }) => {
    const bytes = Buffer.concat(identities);
    return Array.from(
      { length: Math.ceil(bytes.length / MAX_BYTES) },
      (_, part): CellWrite => ({
        cell: {
          partition: seenPartition(consumer, lane),
          sort: seenSort(epochMs, shard, first, last, part),
          version: last,
          body: bytes.subarray(part * MAX_BYTES, (part + 1) * MAX_BYTES),
        },
        expected: null,
        expiresAtMs,
      }),
    );
  });
