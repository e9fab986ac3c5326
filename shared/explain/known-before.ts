import { NOTES_EXPIRY_MS } from '../consume/batch-notes.ts';
import { type ProgressByShard, readProgress } from '../consume/horizon.ts';
import { type KnownIds, knownIds } from '../log/known-ids.ts';
import { readNotes } from '../log/notes.ts';
import { isDeadLetterShard, notedRange, REPAIR_SHARD, readNotedSort } from '../storage/keys.ts';
import type { ExplainPorts } from './ports.ts';
import { notYet } from './problems.ts';

/**
 * What the speed layer had noted when it came to the horizon: the units of the duplicate window before it. All copies of an
 * event are in one lane, whose shards follow each other, so the notes of all shards together decide as those of one do.
 */
export const knownBefore = async (
  { store, clock, duplicateWindowMs: windowMs }: Pick<ExplainPorts, 'store' | 'clock' | 'duplicateWindowMs'>,
  horizonMs: number,
): Promise<KnownIds> => {
  const ids = knownIds(windowMs);
  const fromMs = horizonMs - windowMs;
  if (horizonMs <= 0) return ids;
  // Progress first: the tail in it may be in items by the time those are read, and is then noted twice.
  const progress = await readProgress(store, 'aggregate');
  demandNotes(progress, horizonMs, fromMs, clock());
  const isBefore = (epochMs: number): boolean => epochMs >= fromMs && epochMs < horizonMs;
  for (const shard of [...[...progress.keys()].filter((one) => !isDeadLetterShard(one)), REPAIR_SHARD])
    for (const { sort, body } of await store.query(notedRange('aggregate', shard, fromMs, horizonMs))) {
      const { epochMs } = readNotedSort(sort);
      if (isBefore(epochMs)) readNotes(body, (unit, length) => ids.note(unit, length, epochMs));
    }
  for (const { noted } of progress.values())
    for (const { epochMs, notes } of noted?.tail ?? [])
      if (isBefore(epochMs)) readNotes(Buffer.from(notes, 'base64'), (unit, length) => ids.note(unit, length, epochMs));
  return ids;
};

/** @throws {Problem} 409 if they may have expired, or an older version made some of them. */
const demandNotes = (progress: ProgressByShard, horizonMs: number, fromMs: number, nowMs: number): void => {
  if (nowMs > fromMs + NOTES_EXPIRY_MS) throw notYet('The last generation is too old: what the speed layer noted before its horizon is gone.');
  for (const { epochMs, noted } of progress.values())
    if (epochMs >= horizonMs && (noted === undefined || (noted.seenUntilMs ?? Number.NEGATIVE_INFINITY) >= fromMs))
      throw notYet('An older version of Twinstream folded some of the events around the horizon.');
};
