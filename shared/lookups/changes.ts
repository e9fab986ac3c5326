import type { CellStore } from '../ports/cell-store.ts';
import type { InForce } from '../sql/lookups.ts';
import { documents } from '../storage/documents.ts';

/** A table of reference data as it is from an event time on. */
export interface TableVersion extends InForce {
  /** v000001 */
  readonly id: string;
  readonly columns: readonly string[];
  readonly count: number;
}
/** One change of reference data; the list of changes only grows. */
export interface Change {
  /** Larger than that of every change before it, also of a list that was lost: at least the time at which it was made. */
  readonly revision: number;
  readonly atMs: number;
  readonly note: string | null;
  /** A version that was published, or the id of one that was undone. */
  readonly what: { readonly put: TableVersion } | { readonly undo: string };
}

const PARTITION = 'lookups';
const sortOf = (place: number): string => `r${String(place).padStart(6, '0')}`;
const END = 's';

/** Changes after the first `known` ones, in order. */
export const readChanges = (store: CellStore, known: number): Promise<Change[]> => documents<Change>(store, PARTITION).list(sortOf(known + 1), END);

/** The revision that the list has reached; 0 while it is empty. */
export const latestRevision = (changes: readonly Change[]): number => changes.at(-1)?.revision ?? 0;

/** What is published after the changes up to a revision: every version that was not undone, by the time from which it is in force, then by age. */
export const publishedAt = (changes: readonly Change[], revision: number): TableVersion[] => {
  const versions = new Map<string, TableVersion>();
  for (const { what } of changes.filter((change) => change.revision <= revision))
    if ('put' in what) versions.set(what.put.id, what.put);
    else versions.delete(what.undo);
  return [...versions.values()].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
};

/**
 * Adds a change at the end of the list. Whoever adds at the same time is refused by the store, and decides again about the
 * longer list: so once a change is stored, none that comes before it can appear.
 * @param decide gives what to add to a list, by the id that a version would get; null for nothing.
 */
export const addChange = async (
  store: CellStore,
  atMs: number,
  note: string | null,
  decide: (changes: readonly Change[], id: string) => Promise<Change['what'] | null>,
): Promise<Change | null> => {
  for (;;) {
    const changes = await readChanges(store, 0);
    const place = changes.length + 1;
    const what = await decide(changes, `v${String(place).padStart(6, '0')}`);
    if (what === null) return null;
    const change: Change = { revision: Math.max(latestRevision(changes) + 1, Math.floor(atMs)), atMs, note, what };
    const [written] = await documents<Change>(store, PARTITION).create([{ sort: sortOf(place), document: change }]);
    if (written === true) return change;
  }
};

/**
 * The revision at which a shard begins that continues none with a revision: the latest one when this was first asked, and
 * the same whenever it is asked again.
 */
export const firstRevision = async (store: CellStore, shard: string): Promise<number> => {
  const begun = documents<{ readonly revision: number }>(store, 'lookups-begun');
  const known = await begun.get(shard);
  if (known !== null) return known.revision;
  await begun.create([{ sort: shard, document: { revision: latestRevision(await readChanges(store, 0)) } }]);
  return ((await begun.get(shard)) as { revision: number }).revision;
};
