import { stamp } from '../log/epochs.ts';
import { type KnownIds, knownIds } from '../log/known-ids.ts';
import { readIdentities, readNotes } from '../log/notes.ts';
import { compareSequence } from '../log/sequence.ts';
import type { Cell, CellStore } from '../ports/cell-store.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Consumer } from '../ports/log-reader.ts';
import {
  isDeadLetterShard,
  notedRange,
  type Position,
  progressKey,
  REPAIR_SHARD,
  readNotedSort,
  readSeenSort,
  seenPartition,
  shardOfDeadLetter,
} from '../storage/keys.ts';
import { ancestorsOf, type Lineage } from './lineage.ts';
import { decodeProgress, type Noted, type TailNotes } from './progress.ts';
import type { ShardBatch } from './shard-batch.ts';

/** What is known of a shard's events: everything up to a position, and nothing beyond. No environment owns a shard, so others may have gone on since. */
export interface ShardIds {
  /** Null for the start of the shard. */
  at: Position | null;
  readonly ids: KnownIds;
  /** Lanes of which the identities that an older version noted are in `ids`. */
  readonly oldLanes: Set<string>;
}
export interface ShardIdsPorts {
  readonly store: CellStore;
  readonly log: Pick<EventLog, 'shards'>;
  readonly duplicateWindowMs: number;
}

/**
 * Brings what is known of a shard up to a batch's progress. A note names the last position that it holds. So what is complete
 * up to u becomes complete up to v by the notes with u < last ≤ v, whatever attempts wrote them, whenever they did: the batch that moved
 * the progress past a record had stored a note of it with such a last position before, and a note with last ≤ v holds nothing beyond v.
 * The progress has to be read before the notes.
 */
export const shardIds = (consumer: Consumer, { store, log, duplicateWindowMs: windowMs }: ShardIdsPorts) => {
  /** Everything of the window, for a shard of which nothing usable is in memory. */
  const load = async ({ shard, before, lineage }: ShardBatch, noted: Noted): Promise<ShardIds> => {
    const ids = knownIds(windowMs);
    const fromMs = (before?.epochMs ?? noted.begunMs) - windowMs;
    // Ancestors are drained: all that they noted is final, with the tail of their last progress.
    const ancestors = noted.ancestors ?? [];
    const progress = lineage === null ? await progressOf(ancestors) : lineage.ancestors.map((one) => one.progress);
    for (const ancestor of ancestors) noteItems(ids, await store.query(notedRange(consumer, ancestor, fromMs, null)));
    for (const one of progress) noteTail(ids, one.noted?.tail ?? []);
    if (before !== null) noteItems(ids, await store.query(notedRange(consumer, shard, fromMs, before)));
    noteTail(ids, noted.tail);
    return { at: before, ids, oldLanes: new Set() };
  };
  const progressOf = async (shards: readonly string[]) =>
    (await store.get(shards.map((one) => progressKey(consumer, one)))).flatMap((cell) => (cell === null ? [] : [decodeProgress(cell.body, cell.version)]));

  const catchUp = async (known: ShardIds, { shard, before }: ShardBatch, noted: Noted): Promise<void> => {
    if (before === null || known.at?.upTo === before.upTo) return;
    const isBehindTail = noted.tailFrom !== undefined && (known.at === null || compareSequence(known.at.upTo, noted.tailFrom) < 0);
    const items = isBehindTail ? await store.query(notedRange(consumer, shard, known.at ?? 0, before)) : [];
    noteItems(known.ids, items);
    noteTail(known.ids, noted.tail);
    known.at = before;
  };

  /** A dead letter is old: what was noted around it counts, before and after it, in all shards where copies of its events can be. */
  const loadAround = async (deadLetter: ShardBatch): Promise<ShardIds> => {
    const ids = knownIds(windowMs);
    const shard = shardOfDeadLetter(deadLetter.shard);
    const shards = await log.shards();
    const descendants = shards.filter(({ id }) => ancestorsOf(shards, id).includes(shard)).map(({ id }) => id);
    const relatives = [...ancestorsOf(shards, shard), shard, ...descendants, REPAIR_SHARD];
    const fromMs = (deadLetter.records[0]?.epochMs ?? 0) - windowMs;
    for (const one of relatives) noteItems(ids, await store.query(notedRange(consumer, one, fromMs, deadLetter.after.epochMs + windowMs)));
    for (const { noted } of await progressOf(relatives)) noteTail(ids, noted?.tail ?? []);
    return { at: null, ids, oldLanes: new Set() };
  };

  /** What an older version noted: identities, by lane. */
  const loadOld = async (known: ShardIds, batch: ShardBatch): Promise<void> => {
    const isDeadLetter = isDeadLetterShard(batch.shard);
    const firstMs = (isDeadLetter ? batch.records[0]?.epochMs : (batch.before?.epochMs ?? batch.lineage?.begunMs)) ?? 0;
    const from = stamp(Math.max(0, firstMs - windowMs));
    const to = isDeadLetter ? `${stamp(batch.after.epochMs + windowMs)}~` : '~';
    for (const lane of new Set(batch.records.map((record) => record.lane))) {
      if (known.oldLanes.has(lane)) continue;
      for (const { sort, body } of await store.query({ partition: seenPartition(consumer, lane), from, to })) {
        const { epochMs, shard, last } = readSeenSort(sort);
        // This shard's records after its progress are noted again when they are processed.
        if (shard === batch.shard && (batch.before === null || compareSequence(last, batch.before.upTo) > 0)) continue;
        readIdentities(body, (unit, length) => known.ids.note(unit, length, epochMs));
      }
      known.oldLanes.add(lane);
    }
  };

  return {
    /** @param known what is in memory of the shard; it is brought up to date, unless it cannot be. */
    upToProgress: async (known: ShardIds | null, batch: ShardBatch): Promise<{ readonly known: ShardIds; readonly noted: Noted; readonly isOld: boolean }> => {
      const { before } = batch;
      const noted = before?.noted ?? begun(batch, windowMs);
      const isDeadLetter = isDeadLetterShard(batch.shard);
      const isUsable = known !== null && before?.noted !== undefined && (known.at === null || compareSequence(known.at.upTo, before.upTo) <= 0);
      const isAtStart = known !== null && before === null && known.at === null;
      let next: ShardIds;
      if (isDeadLetter) next = await loadAround(batch);
      else if (known !== null && (isUsable || isAtStart)) {
        next = known;
        await catchUp(next, batch, noted);
      } else next = await load(batch, noted);
      const isOld = isDeadLetter || (noted.seenUntilMs ?? Number.NEGATIVE_INFINITY) >= (batch.records[0]?.epochMs ?? 0) - windowMs;
      if (isOld) await loadOld(next, batch);
      return { known: next, noted, isOld };
    },
  };
};

/** For a shard's first batch, or the first one after an upgrade. */
const begun = ({ before, lineage }: ShardBatch, windowMs: number): Noted => {
  if (before !== null) return { tailFrom: before.upTo, tail: [], begunMs: 0, seenUntilMs: before.epochMs };
  const { begunMs, floorMs, ancestors } = lineage as Lineage;
  const matter = ancestors.filter(({ progress }) => progress.epochMs >= begunMs - windowMs);
  const isRenewed = floorMs > 0 && floorMs >= begunMs - windowMs;
  const seenUntilMs = Math.max(...matter.map(({ progress }) => (progress.noted === undefined ? progress.epochMs : (progress.noted.seenUntilMs ?? -1))), -1);
  return {
    tail: [],
    begunMs,
    ancestors: [...matter.map(({ shard }) => shard), ...(isRenewed ? [REPAIR_SHARD] : [])],
    ...(seenUntilMs < 0 ? {} : { seenUntilMs }),
  };
};

const noteItems = (ids: KnownIds, items: readonly Cell[]): void => {
  for (const { sort, body } of items) {
    const { epochMs } = readNotedSort(sort);
    readNotes(body, (unit, length) => ids.note(unit, length, epochMs));
  }
};
const noteTail = (ids: KnownIds, tail: readonly TailNotes[]): void => {
  for (const { epochMs, notes } of tail) readNotes(Buffer.from(notes, 'base64'), (unit, length) => ids.note(unit, length, epochMs));
};
