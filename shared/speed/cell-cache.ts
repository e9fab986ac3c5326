import { type CellState, decodeCell, emptyCell, encodeCell, groupFor } from '../domain/cell.ts';
import type { StoredEvent } from '../domain/event.ts';
import type { Fold } from '../domain/metric.ts';
import { compareSequence } from '../domain/sequence.ts';
import type { CellKey, CellStore } from '../ports/cell-store.ts';
import type { Figures } from '../ports/telemetry.ts';
import type { Refuse } from './fold-shards.ts';

/** Events that one batch adds to one cell, in log order. */
export interface CellWork {
  readonly at: CellKey;
  readonly fold: Fold;
  readonly events: { readonly event: StoredEvent; readonly key: string; readonly sequenceNumber: string }[];
}

interface Known {
  /** Null while nothing stands in the store. */
  version: string | null;
  cell: CellState;
  bytes: number;
}

/** Some other writer keeps changing a cell. */
export class CellContentionError extends Error {
  override readonly name = 'CellContentionError';
}

const MAX_ATTEMPTS = 5;

/**
 * Folds events into stored cells, each exactly once: a cell is written only over the version that was read, and a record
 * at or before that version has been folded into it already. Cells that this writer wrote last are kept, up to `maxBytes`
 * of their encoded size; if one has changed meanwhile the write is refused and it is read again.
 */
export const cellCache = (store: CellStore, maxBytes: number, figures: Figures) => {
  const known = new Map<string, Known>();
  const nameOf = ({ partition, sort }: CellKey) => `${partition} ${sort}`;

  const read = async (work: readonly CellWork[]): Promise<void> => {
    const missing = work.filter(({ at }) => !known.has(nameOf(at)));
    const cells = await store.get(missing.map(({ at }) => at));
    for (const [i, { at, fold }] of missing.entries()) {
      const stored = cells[i] ?? null;
      known.set(
        nameOf(at),
        stored === null
          ? { version: null, cell: emptyCell(), bytes: 0 }
          : { version: stored.version, cell: decodeCell(fold, stored.body), bytes: stored.body.length },
      );
    }
  };
  const evict = () => {
    let bytes = [...known.values()].reduce((sum, cell) => sum + cell.bytes, 0);
    for (const [name, cell] of known) {
      if (bytes <= maxBytes) break;
      bytes -= cell.bytes;
      known.delete(name);
    }
  };
  const add = ({ at, fold, events }: CellWork, refuse: Refuse): Known => {
    const name = nameOf(at);
    const entry = known.get(name) as Known;
    // Cells that were used last are dropped last.
    known.delete(name);
    known.set(name, entry);
    for (const { event, key, sequenceNumber } of events) {
      if (entry.version !== null && compareSequence(sequenceNumber, entry.version) <= 0) continue;
      try {
        fold.add(groupFor(fold, entry.cell, key), event);
      } catch (error) {
        refuse(event, error as Error);
      }
    }
    return entry;
  };

  const note = (written: readonly (Known | undefined)[]): void => {
    const cells = written.flatMap((cell) => cell ?? []);
    if (cells.length > 0)
      figures.observe(
        'cell_bytes',
        cells.reduce((largest, { bytes }) => Math.max(largest, bytes), 0),
      );
    figures.count('overflow', cells.filter(({ cell }) => cell.overflow !== null).length);
  };

  return {
    /**
     * @param upTo the last sequence number of the batch: every record up to it is in these cells then.
     * @param refuse takes events that a measure could not add.
     */
    flush: async (work: readonly CellWork[], upTo: string, refuse: Refuse): Promise<void> => {
      let left = work;
      for (let attempt = 0; left.length > 0; attempt++) {
        if (attempt === MAX_ATTEMPTS)
          throw new CellContentionError(`Expected to be the only writer of ${nameOf((left[0] as CellWork).at)}, but it changed ${attempt} times`);
        await read(left);
        const pending = left.flatMap((one) => {
          const stored = known.get(nameOf(one.at)) as Known;
          if (stored.version !== null && compareSequence(upTo, stored.version) <= 0) return [];
          const expected = stored.version;
          const { cell } = add(one, refuse);
          const body = encodeCell(one.fold, cell);
          stored.version = upTo;
          stored.bytes = body.length;
          return [{ one, write: { cell: { ...one.at, version: upTo, body }, expected, expiresAtMs: null } }];
        });
        const written = await store.put(pending.map(({ write }) => write));
        left = pending.filter((_, i) => written[i] !== true).map(({ one }) => one);
        for (const { at } of left) known.delete(nameOf(at));
        figures.count('cell_conflicts', left.length);
        note(pending.map(({ one }) => known.get(nameOf(one.at))));
      }
      evict();
    },
  };
};
