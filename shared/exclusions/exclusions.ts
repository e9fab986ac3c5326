import { readProgress } from '../consume/horizon.ts';
import type { Exclusion } from '../log/exclusion.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Applied } from '../sql/exclusions.ts';
import { documents } from '../storage/documents.ts';

/** An exclusion, and from when each layer applies it. It remains stored after it is withdrawn, because retries and drift still need it. */
export interface StoredExclusion extends Exclusion {
  /** x000001 */
  readonly id: string;
  readonly note: string | null;
  readonly createdAtMs: number;
  /** The speed layer leaves out the events in the epochs from ≤ epoch < to; to is null until it is withdrawn. */
  readonly epochs: { readonly fromMs: number; readonly toMs: number | null };
  /** Null until it is withdrawn. */
  readonly removedAtMs: number | null;
}
/** What one layer applies, as listed in a manifest. */
export type NamedExclusion = Exclusion & { readonly id: string };

export interface ExclusionsPorts {
  readonly store: CellStore;
  readonly clock: Clock;
  readonly epochLengthMs: number;
}

const PARTITION = 'exclusions';
/** An acknowledged write takes less than this, and clocks differ by less. */
const MARGIN_MS = 5_000;

export const readExclusions = (store: CellStore): Promise<StoredExclusion[]> => documents<StoredExclusion>(store, PARTITION).list('x', 'y');

/** What the next generation leaves out. */
export const notWithdrawn = (all: readonly StoredExclusion[]): NamedExclusion[] =>
  all.filter(({ removedAtMs }) => removedAtMs === null).map(({ id, source, type, events }) => ({ id, source, type, events }));

/** The batch layer applies an exclusion to all of history. */
export const everywhere = (exclusions: readonly Exclusion[]): Applied[] => exclusions.map((exclusion) => ({ ...exclusion, epochs: null }));

/**
 * The list of exclusions, in the cell store. Both layers change their rules at the start of an epoch that has not begun: no
 * record of that epoch can have been folded before the change is stored, so every retry of every batch decides the same way.
 */
export const exclusions = ({ store, clock, epochLengthMs }: ExclusionsPorts) => {
  const documented = documents<StoredExclusion>(store, PARTITION);

  /** The first epoch that no shard can have reached by the time a write that begins now is acknowledged. */
  const nextEpochMs = async (): Promise<number> => {
    const progress = [...(await readProgress(store, 'aggregate')).values()];
    // A clock that was ahead leaves epochs that are ahead.
    const latestMs = Math.max(clock() + MARGIN_MS, ...progress.map(({ epochMs, arrivedAtMs }) => Math.max(epochMs + 1, arrivedAtMs + MARGIN_MS)));
    return Math.ceil(latestMs / epochLengthMs) * epochLengthMs;
  };

  const add = async (exclusion: Exclusion, note: string | null): Promise<StoredExclusion> => {
    for (;;) {
      const last = (await readExclusions(store)).at(-1);
      const id = `x${String(Number(last?.id.slice(1) ?? 0) + 1).padStart(6, '0')}`;
      const stored: StoredExclusion = {
        ...exclusion,
        id,
        note,
        createdAtMs: clock(),
        epochs: { fromMs: await nextEpochMs(), toMs: null },
        removedAtMs: null,
      };
      const [written] = await documented.create([{ sort: id, document: stored }]);
      if (written === true) return stored;
    }
  };
  /** Withdraws one; null if there is none. One that was withdrawn before stays as it is. */
  const remove = (id: string): Promise<StoredExclusion | null> =>
    documented.update(id, async (stored) => {
      if (stored === null || stored.removedAtMs !== null) return stored;
      return { ...stored, removedAtMs: clock(), epochs: { ...stored.epochs, toMs: await nextEpochMs() } };
    });
  return { list: () => readExclusions(store), add, remove };
};
