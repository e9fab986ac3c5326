import { type Notes, notes, readNotes } from '../log/notes.ts';
import type { Unit } from '../log/unit.ts';
import type { CellWrite } from '../ports/cell-store.ts';
import type { Consumer } from '../ports/log-reader.ts';
import { isDeadLetterShard, notedKey, shardOfDeadLetter } from '../storage/keys.ts';
import { encodeProgress, type Noted, type Progress, type TailNotes } from './progress.ts';
import type { ShardBatch, ShardRecord } from './shard-batch.ts';

/** What was noted of records of one epoch. */
export interface EpochNotes {
  readonly epochMs: number;
  readonly first: string;
  last: string;
  readonly units: Notes;
}

/**
 * What a batch notes, kept apart until its progress is stored: duplicates too, since they renew the window. It begins with
 * the tail, which goes on in the next progress or into the same items.
 */
export const batchNotes = (tail: readonly TailNotes[]) => {
  const all: EpochNotes[] = tail.map(({ notes: stored, ...of }) => {
    const units = notes();
    readNotes(Buffer.from(stored, 'base64'), units.add);
    return { ...of, units };
  });
  return {
    all: all as readonly EpochNotes[],
    add: (unit: Unit, { epochMs, sequenceNumber }: ShardRecord): void => {
      let of = all.at(-1);
      if (of?.epochMs !== epochMs) all.push((of = { epochMs, first: sequenceNumber, last: sequenceNumber, units: notes() }));
      of.last = sequenceNumber;
      of.units.add(unit, 1);
    },
    has: (unit: Unit, sinceMs: number): boolean => all.some(({ epochMs, units }) => epochMs >= sinceMs && units.has(unit)),
  };
};
export type BatchNotes = ReturnType<typeof batchNotes>;

/** Longer than any log keeps records, so that a retry of any record still finds what came before it. */
export const NOTES_EXPIRY_MS = 8 * 86_400_000;

/** What was noted of some records of one epoch, as it is stored. */
export interface StoredNotes extends Omit<EpochNotes, 'units'> {
  readonly parts: readonly Buffer[];
}

/** Notes as items. An item's key determines its content, so one that is already stored is the same. */
export const noteWrites = (consumer: Consumer, shard: string, all: readonly StoredNotes[], expiresAtMs: number): CellWrite[] =>
  all.flatMap(({ epochMs, first, last, parts }) =>
    parts.map((body, part) => ({ cell: { ...notedKey(consumer, shard, epochMs, first, last, part), version: last, body }, expected: null, expiresAtMs })),
  );

/** What the keys and attribute names of the progress's item add to its body. */
const ITEM_BYTES = 200;

interface Placing {
  readonly noted: Noted;
  /** The progress without notes. */
  readonly kept: Omit<Progress, 'noted'>;
  readonly windowMs: number;
  readonly writeUnitBytes: number;
  readonly expiresAtMs: number;
}

/**
 * Where a batch's notes go. A few ride in the progress, which costs nothing while it stays within the units that it takes
 * anyway. Past that, items take over the tail together with the batch, all that was noted since the last items.
 */
export const placeNotes = (
  consumer: Consumer,
  { shard, after }: ShardBatch,
  { all }: BatchNotes,
  of: Placing,
): { readonly noted: Noted; readonly writes: readonly CellWrite[] } => {
  const { noted, kept, windowMs, writeUnitBytes, expiresAtMs } = of;
  const isPast = (ms: number): boolean => ms < after.epochMs - windowMs;
  const { ancestors, seenUntilMs, ...others } = noted;
  const lasting: Noted = {
    ...others,
    tail: [],
    ...(ancestors === undefined || ancestors.length === 0 || isPast(noted.begunMs) ? {} : { ancestors }),
    ...(seenUntilMs === undefined || isPast(seenUntilMs) ? {} : { seenUntilMs }),
  };
  const stored = all.map(({ units, ...rest }): StoredNotes => ({ ...rest, parts: units.encode() }));
  // Nobody reads the progress of a dead letter again: what it notes belongs to the shard that its records are from.
  if (isDeadLetterShard(shard)) return { noted: lasting, writes: noteWrites(consumer, shardOfDeadLetter(shard), stored, expiresAtMs) };
  const bytesOf = (placed: Noted): number => encodeProgress({ ...kept, noted: placed }).length + ITEM_BYTES;
  const most = Math.ceil(bytesOf(lasting) / writeUnitBytes) * writeUnitBytes;
  const riding = { ...lasting, tail: stored.map(({ parts, ...rest }): TailNotes => ({ ...rest, notes: Buffer.concat(parts).toString('base64') })) };
  if (bytesOf(riding) <= most) return { noted: riding, writes: [] };
  return { noted: { ...lasting, tailFrom: after.upTo }, writes: noteWrites(consumer, shard, stored, expiresAtMs) };
};
