import { NOTES_EXPIRY_MS, noteWrites, type StoredNotes } from '../../shared/consume/batch-notes.ts';
import { notes } from '../../shared/log/notes.ts';
import { parseEvent } from '../../shared/log/stored-event.ts';
import { ownUnit, type Unit, unitReader } from '../../shared/log/unit.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import type { Consumer } from '../../shared/ports/log-reader.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { REPAIR_SHARD } from '../../shared/storage/keys.ts';
import { type Raw, readLines } from './raw-files.ts';

/** An id that was noted: a unit and a place in it, or an identity from before units, which looks like a unit without places. */
export const nameOfUnit = ({ high, low, offset }: Unit): string => `${high}:${low}:${offset}`;

/**
 * Notes the ids of raw files' events, so that the speed layer detects duplicates that arrive after a repair: under a shard of
 * their own, where all shards of the new log look. `onId` is called with each name under which an event may have been noted.
 */
export const noteIds = async (
  { lake, store, nowMs, consumers }: { lake: ObjectStore; store: CellStore; nowMs: number; consumers: readonly Consumer[] },
  files: readonly Raw[],
  onId: (name: string) => void,
): Promise<void> => {
  const unitOf = unitReader();
  for (const [i, { key, epochMs }] of files.entries()) {
    const units = notes();
    for (const line of await readLines(lake, key)) {
      const event = eventOfLine(line);
      if (event === null) continue;
      const unit = unitOf(event.source, event.id);
      units.add(unit, 1);
      onId(nameOfUnit(unit));
      onId(nameOfUnit(ownUnit(event.source, event.id)));
    }
    // Files of several shards have no common positions; their order names them.
    const all: StoredNotes[] = [{ epochMs, first: String(i + 1), last: String(i + 1), parts: units.encode() }];
    for (const consumer of consumers) await store.put(noteWrites(consumer, REPAIR_SHARD, all, nowMs + NOTES_EXPIRY_MS));
  }
};

/** Null for a line that is not an event; the batch layer leaves it out too. */
const eventOfLine = (line: string) => {
  try {
    const { event } = JSON.parse(Buffer.from(line, 'latin1').toString()) as { event: unknown };
    return parseEvent(JSON.stringify(event));
  } catch {
    return null;
  }
};
