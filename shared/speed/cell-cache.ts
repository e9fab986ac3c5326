import type { Refuse } from '../consume/fold-shards.ts';
import { type CellState, decodeCell, emptyCell, encodeCell, groupFor } from '../fold/cell.ts';
import type { Fold } from '../fold/metric.ts';
import { compareSequence } from '../log/sequence.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import type { CellKey, CellStore, CellWrite } from '../ports/cell-store.ts';
import type { Figures } from '../ports/telemetry.ts';

/** Events that one record adds to one cell, in log order. */
export interface CellWork {
  readonly at: CellKey;
  readonly fold: Fold;
  readonly events: { readonly event: StoredEvent; readonly key: string }[];
}

interface Known {
  readonly at: CellKey;
  readonly fold: Fold;
  /** Null if it is not stored yet. */
  version: string | null;
  readonly cell: CellState;
  bytes: number;
}

/** The memory that a cell takes in addition to its bytes. */
const OWN_BYTES = 4_096;

/** Another writer changed a cell meanwhile; the batch has to be folded again. */
export class CellContentionError extends Error {
  override readonly name = 'CellContentionError';
}

/**
 * Folds records into stored cells, each exactly once: a cell is written by compare-and-set on the version that was read
 * (optimistic concurrency), and a record at or before that version is already folded in. It is an LRU cache of up to
 * `maxBytes`, counting encoded sizes and a fixed amount per cell. After an error its content is invalid: drop it.
 */
export const cellCache = (store: CellStore, maxBytes: number, figures: Figures) => {
  const known = new Map<string, Known>();
  /** Cells with changes that are not stored yet. */
  const changed = new Set<Known>();
  const nameOf = ({ partition, sort }: CellKey) => `${partition} ${sort}`;

  const read = async (work: readonly CellWork[]): Promise<void> => {
    const missing = work.filter(({ at }) => !known.has(nameOf(at)));
    if (missing.length === 0) return;
    const cells = await store.get(missing.map(({ at }) => at));
    for (const [i, { at, fold }] of missing.entries()) {
      const stored = cells[i] ?? null;
      known.set(
        nameOf(at),
        stored === null
          ? { at, fold, version: null, cell: emptyCell(), bytes: 0 }
          : { at, fold, version: stored.version, cell: decodeCell(fold, stored.body), bytes: stored.body.length },
      );
    }
  };
  const evict = () => {
    let bytes = [...known.values()].reduce((sum, cell) => sum + cell.bytes + OWN_BYTES, 0);
    for (const [name, cell] of known) {
      if (bytes <= maxBytes) break;
      bytes -= cell.bytes + OWN_BYTES;
      known.delete(name);
    }
  };

  return {
    /** Adds one record's events. @param refuse takes those that a measure could not add. */
    add: async (work: readonly CellWork[], sequenceNumber: string, refuse: Refuse): Promise<void> => {
      await read(work);
      for (const { at, fold, events } of work) {
        const entry = known.get(nameOf(at)) as Known;
        if (entry.version !== null && compareSequence(sequenceNumber, entry.version) <= 0) continue;
        changed.add(entry);
        for (const { event, key } of events) {
          try {
            fold.add(groupFor(fold, entry.cell, key), event);
          } catch (error) {
            refuse(event, error as Error);
          }
        }
      }
    },
    /** The number of cells with changes that are not stored yet. */
    changed: (): number => changed.size,
    /**
     * Stores all changes.
     * @param upTo the last sequence number that was added: every record up to it is then in these cells.
     * @throws {CellContentionError}
     */
    flush: async (upTo: string): Promise<void> => {
      const cells = [...changed];
      const writes = cells.map((entry): CellWrite => {
        const { at, fold, cell, version } = entry;
        const body = encodeCell(fold, cell);
        // Recently used cells are evicted last.
        known.delete(nameOf(at));
        known.set(nameOf(at), Object.assign(entry, { version: upTo, bytes: body.length }));
        return { cell: { ...at, version: upTo, body }, expected: version, expiresAtMs: null };
      });
      const written = await store.put(writes);
      const refused = cells.filter((_, i) => written[i] !== true);
      figures.count('cell_conflicts', refused.length);
      if (refused[0] !== undefined) throw new CellContentionError(`Expected to be the only writer of ${nameOf(refused[0].at)}, but it changed meanwhile`);
      if (cells.length > 0)
        figures.observe(
          'cell_bytes',
          cells.reduce((largest, { bytes }) => Math.max(largest, bytes), 0),
        );
      figures.count('overflow', cells.filter(({ cell }) => cell.overflow !== null).length);
      changed.clear();
      evict();
    },
  };
};
