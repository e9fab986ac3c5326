import type { Refuse } from '../consume/fold-shards.ts';
import { type CellState, decodeCell, emptyCell, encodeCell, groupFor } from '../fold/cell.ts';
import type { Fold } from '../fold/metric.ts';
import { compareSequence } from '../log/sequence.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import type { Subject } from '../operators/operator.ts';
import type { Cell, CellKey, CellStore, CellWrite } from '../ports/cell-store.ts';
import type { Figures } from '../ports/telemetry.ts';
import { cellPartKey } from '../storage/keys.ts';
import { isFull } from './cell-parts.ts';

/** Events, or items of them, that one record adds to one cell, in log order. */
export interface CellWork {
  readonly at: CellKey;
  /** Where an older version put the cell; then it stays there. Null if that is the same place. */
  readonly earlier: CellKey | null;
  readonly fold: Fold;
  /** Lines that the kernel has read have no object of their own, and are here by their numbers. */
  readonly events: (Placed | number)[];
  /** That event, valid until the next call. */
  readonly ofLine: (line: number) => Placed;
}
export interface Placed {
  readonly of: Subject;
  readonly key: string;
  readonly event: StoredEvent;
}

interface Known {
  readonly at: CellKey;
  /** Its key in the store, which may be an earlier one; that of its first part. */
  readonly place: CellKey;
  readonly fold: Fold;
  /** Records up to there are in it; null if nothing is stored yet. */
  upTo: string | null;
  /** The part that takes what comes next, and its version; null if it is not stored yet. */
  part: number;
  version: string | null;
  /** What is in that part. */
  cell: CellState;
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
 * (optimistic concurrency), and a record at or before that version is already folded in. A cell is a chain of parts, of which
 * only the last is written: what is in it is what was folded up to the newest of their versions. It is an LRU cache of up to
 * `maxBytes`, counting encoded sizes and a fixed amount per cell. After an error its content is invalid: drop it.
 */
export const cellCache = (store: CellStore, maxBytes: number, partBytes: number, figures: Figures) => {
  const known = new Map<string, Known>();
  /** Cells with changes that are not stored yet. */
  const changed = new Set<Known>();
  const nameOf = ({ partition, sort }: CellKey) => `${partition} ${sort}`;

  const read = async (work: readonly CellWork[]): Promise<void> => {
    const missing = work.filter(({ at }) => !known.has(nameOf(at)));
    if (missing.length === 0) return;
    const [own, earlier] = await Promise.all([store.get(missing.map(({ at }) => at)), store.get(missing.flatMap((one) => one.earlier ?? []))]);
    let others = 0;
    let unread: { readonly entry: Known; readonly stored: Cell | null }[] = missing.map(({ at, earlier: old, fold }, i) => {
      const moved = old === null ? null : (earlier[others++] ?? null);
      const stored = own[i] ?? moved;
      const place = old !== null && own[i] == null && moved !== null ? old : at;
      const entry: Known = { at, place, fold, upTo: moved?.version ?? null, part: 0, version: null, cell: emptyCell(), bytes: 0 };
      known.set(nameOf(at), entry);
      return { entry, stored };
    });
    // Part by part, up to the one that is not full.
    while (unread.length > 0) {
      const full = unread.filter(({ entry, stored }) => {
        if (stored === null) return false;
        const { version, body } = stored;
        if (entry.upTo === null || compareSequence(version, entry.upTo) > 0) entry.upTo = version;
        if (isFull(body.length, entry.part, partBytes)) {
          entry.part++;
          return true;
        }
        Object.assign(entry, { version, cell: decodeCell(entry.fold, body), bytes: body.length });
        return false;
      });
      const next = await store.get(full.map(({ entry }) => cellPartKey(entry.place, entry.part)));
      unread = full.map(({ entry }, i) => ({ entry, stored: next[i] ?? null }));
    }
  };
  let held = 0;
  const evict = () => {
    let bytes = [...known.values()].reduce((sum, cell) => sum + cell.bytes + OWN_BYTES, 0);
    for (const [name, cell] of known) {
      if (bytes <= maxBytes) break;
      bytes -= cell.bytes + OWN_BYTES;
      known.delete(name);
    }
    held = bytes;
  };

  return {
    /** Adds one record's events. @param refuse takes those that a measure could not add. */
    add: async (work: readonly CellWork[], sequenceNumber: string, refuse: Refuse): Promise<void> => {
      await read(work);
      for (const { at, fold, events, ofLine } of work) {
        const entry = known.get(nameOf(at)) as Known;
        if (entry.upTo !== null && compareSequence(sequenceNumber, entry.upTo) <= 0) continue;
        changed.add(entry);
        for (const one of events) {
          const placed = typeof one === 'number' ? ofLine(one) : one;
          try {
            fold.add(groupFor(fold, entry.cell, placed.key), placed.of);
          } catch (error) {
            refuse(placed.event, error as Error);
          }
        }
      }
    },
    /** The number of cells with changes that are not stored yet. */
    changed: (): number => changed.size,
    /** Their partitions. */
    partitions: (): ReadonlySet<string> => new Set([...changed].map(({ place }) => place.partition)),
    /** What it held after the last flush. */
    bytes: (): number => held,
    /**
     * Stores all changes.
     * @param upTo the last sequence number that was added: every record up to it is then in these cells.
     * @param expiryOf when the cells of a partition expire; null for never.
     * @throws {CellContentionError}
     */
    flush: async (upTo: string, expiryOf: (partition: string) => number | null): Promise<void> => {
      const cells = [...changed];
      const writes = cells.map(({ place, part, fold, cell, version }): CellWrite => {
        const body = encodeCell(fold, cell);
        return { cell: { ...cellPartKey(place, part), version: upTo, body }, expected: version, expiresAtMs: expiryOf(place.partition) };
      });
      const written = await store.put(writes);
      const refused = writes.filter((_, i) => written[i] !== true);
      figures.count('cell_conflicts', refused.length);
      if (refused[0] !== undefined) throw new CellContentionError(`Expected to be the only writer of ${nameOf(refused[0].cell)}, but it changed meanwhile`);
      if (cells.length > 0)
        figures.observe(
          'cell_bytes',
          writes.reduce((largest, { cell }) => Math.max(largest, cell.body.length), 0),
        );
      figures.count('overflow', cells.filter(({ cell }) => cell.overflow !== null).length);
      for (const [i, entry] of cells.entries()) {
        const { length } = (writes[i] as CellWrite).cell.body;
        Object.assign(entry, { upTo, version: upTo, bytes: length });
        if (isFull(length, entry.part, partBytes)) Object.assign(entry, { part: entry.part + 1, version: null, cell: emptyCell(), bytes: 0 });
        // Recently used cells are evicted last.
        known.delete(nameOf(entry.at));
        known.set(nameOf(entry.at), entry);
      }
      changed.clear();
      evict();
    },
  };
};
