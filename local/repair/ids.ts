import { SEEN_EXPIRY_MS, type SeenIds, seenWrites } from '../../shared/consume/duplicates.ts';
import { identityOf, laneOf } from '../../shared/log/identity.ts';
import { parseEvent } from '../../shared/log/stored-event.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import type { Consumer } from '../../shared/ports/log-reader.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { type Raw, readLines } from './raw-files.ts';

/**
 * Notes the ids of raw files' events, so that the speed layer detects duplicates that arrive after a repair. `onId` is called for each.
 */
export const noteIds = async (
  { lake, store, nowMs, lanes, consumers }: { lake: ObjectStore; store: CellStore; nowMs: number; lanes: number; consumers: readonly Consumer[] },
  files: readonly Raw[],
  onId: (identity: string) => void,
): Promise<void> => {
  for (const file of files) {
    const byLane = new Map<string, Buffer[]>();
    for (const line of await readLines(lake, file.key)) {
      const identity = identityOfLine(line);
      if (identity === null) continue;
      onId(identity);
      const lane = String(laneOf(identity, lanes));
      const ids = byLane.get(lane) ?? [];
      byLane.set(lane, ids);
      ids.push(Buffer.from(identity, 'hex'));
    }
    const { epochMs, first, last, shard } = file;
    const seen = [...byLane].map(([lane, identities]): SeenIds => ({ lane, epochMs, first, last, identities }));
    for (const consumer of consumers) await store.put(seenWrites(consumer, shard, seen, nowMs + SEEN_EXPIRY_MS));
  }
};

/** Null for a line that is not an event; the batch layer leaves it out too. */
const identityOfLine = (line: string): string | null => {
  try {
    const { event } = JSON.parse(Buffer.from(line, 'latin1').toString()) as { event: unknown };
    const { source, id } = parseEvent(JSON.stringify(event));
    return identityOf(source, id);
  } catch {
    return null;
  }
};
