import type { CellRange, CellStore } from '../ports/cell-store.ts';
import { documents } from '../storage/documents.ts';
import type { FileSum } from '../storage/file-sums.ts';
import { pointerKey } from '../storage/keys.ts';
import type { Drift } from './drift.ts';

export type GenerationState =
  /** Waits for the horizon to pass `throughMs`, and for its turn. */
  | 'requested'
  | 'running'
  | 'published'
  /** Cannot be activated; its files are removed an hour later. */
  | 'failed'
  /** Its files are removed; cannot be activated. */
  | 'retired';

/** A generation's entry in the list, from its request on. */
export interface Generation {
  readonly id: string;
  readonly state: GenerationState;
  readonly requestedAtMs: number;
  /** The horizon must have passed this time, in epoch milliseconds. */
  readonly throughMs: number | null;
  /** Computes everything from the raw lines, without a base. */
  readonly repair?: boolean;
  /** Fixed when the build begins: its horizon, and the generation that it is based on (null for none). */
  readonly plan: Plan | null;
  /** Size and checksum of the manifest's file; missing before it is written, or if an older version wrote it. */
  readonly manifest?: FileSum;
  readonly attempts: number;
  readonly publishedAtMs: number | null;
  /** When somebody last rolled back to it; missing if nobody did. */
  readonly activatedAtMs?: number;
  /** When it failed; missing if it did not, or if that was before this was recorded. */
  readonly failedAtMs?: number;
  readonly error: string | null;
  readonly counts: GenerationCounts | null;
  /** Per metric id. */
  readonly drift: Readonly<Record<string, Drift>>;
}
export interface Plan {
  readonly horizonMs: number;
  readonly base: string | null;
}
export interface GenerationCounts {
  /** Lines of the epochs that are new in it, and those among them that were not events. */
  readonly lines: number;
  readonly damaged: number;
  /** Days that were recomputed. */
  readonly days: number;
}

/** Anything that still reads or writes for a generation that can no longer be activated, such as a query, ends long before this. */
export const GRACE_MS = 3_600_000;

const PARTITION = 'generations';
/** The range of cells that holds the generations from one id to another. */
export const rangeOf = (first: string, last: string): CellRange => ({ partition: PARTITION, from: first, to: `${last} ` });
const idOf = (n: number) => `g${String(n).padStart(6, '0')}`;

/** The list of generations and the pointer to the active one, in the cell store. */
export const generations = (store: CellStore) => {
  const stored = documents<Generation>(store, PARTITION);
  const list = (): Promise<Generation[]> => stored.list('g', 'h');

  /** The newest generations before an id (null for the end), newest first. */
  const page = async (limit: number, before: string | null): Promise<{ readonly generations: readonly Generation[]; readonly hasMore: boolean }> => {
    const found = (await stored.list('g', before ?? 'h')).slice(-limit - 1);
    return { generations: found.slice(-limit).reverse(), hasMore: found.length > limit };
  };
  /** Records a new generation under the next free id. */
  const request = (nowMs: number, throughMs: number | null): Promise<Generation> => note(nowMs, throughMs, {}, 0);
  /** Requests one that is recomputed from all raw lines. */
  const requestRepair = (nowMs: number, throughMs: number | null): Promise<Generation> => note(nowMs, throughMs, { repair: true }, 0);
  /** Requests one in an empty list, with the id that follows an id given before. */
  const requestAfter = (newest: number, nowMs: number): Promise<Generation> => note(nowMs, null, { repair: true }, newest);
  const note = async (nowMs: number, throughMs: number | null, kind: Pick<Generation, 'repair'>, newest: number): Promise<Generation> => {
    for (;;) {
      const last = (await list()).at(-1);
      const generation: Generation = {
        id: idOf(Math.max(newest, Number(last?.id.slice(1) ?? 0)) + 1),
        state: 'requested',
        requestedAtMs: nowMs,
        throughMs,
        ...kind,
        plan: null,
        attempts: 0,
        publishedAtMs: null,
        error: null,
        counts: null,
        drift: {},
      };
      const [written] = await stored.create([{ sort: generation.id, document: generation }]);
      if (written === true) return generation;
    }
  };
  const get = (id: string): Promise<Generation | null> => stored.get(id);
  const update = async (id: string, change: Partial<Generation>): Promise<Generation> => (await updateIf(id, () => true, change)) as Generation;
  /** Updates it by compare-and-set, if `allows` accepts what is stored; otherwise returns null. */
  const updateIf = async (id: string, allows: (generation: Generation) => boolean, change: Partial<Generation>): Promise<Generation | null> => {
    let isAllowed = false;
    const after = await stored.update(id, (before) => {
      if (before === null) throw new RangeError(`Expected a generation, got '${id}'`);
      isAllowed = allows(before);
      return isAllowed ? { ...before, ...change } : before;
    });
    return isAllowed ? after : null;
  };
  /** The active generation; null before the first. `version` changes whenever the pointer moves. */
  const active = async (): Promise<{ id: string; version: string } | null> => {
    const [stored] = await store.get([pointerKey]);
    return stored == null ? null : { id: Buffer.from(stored.body).toString(), version: stored.version };
  };
  /** The active generation's entry in the list. */
  const current = async (): Promise<Generation | null> => {
    const pointer = await active();
    return pointer === null ? null : get(pointer.id);
  };
  /** Moves the pointer by compare-and-set: only if it has not moved since it was read. */
  const activate = async (id: string, expected: string | null): Promise<boolean> => {
    const [written] = await store.put([
      { cell: { ...pointerKey, version: String(Number(expected ?? 0) + 1), body: Buffer.from(id) }, expected, expiresAtMs: null },
    ]);
    return written === true;
  };
  return { list, page, request, requestRepair, requestAfter, get, update, updateIf, active, current, activate };
};
export type Generations = ReturnType<typeof generations>;
