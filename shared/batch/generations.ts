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
  /** It cannot be activated; its files go an hour later. */
  | 'failed'
  /** Its files are gone; it cannot be activated. */
  | 'retired';

/** What is known of a generation, from its request on. */
export interface Generation {
  readonly id: string;
  readonly state: GenerationState;
  readonly requestedAtMs: number;
  /** The horizon must have passed this time, in epoch milliseconds. */
  readonly throughMs: number | null;
  /** It computes everything anew from the raw lines. */
  readonly repair?: boolean;
  /** Fixed when it begins: its seam, and the generation that it goes on from (null for none). */
  readonly plan: Plan | null;
  /** What the file of its manifest holds; missing before it is written, or where an older version wrote it. */
  readonly manifest?: FileSum;
  readonly attempts: number;
  readonly publishedAtMs: number | null;
  /** When somebody last went back to it; missing where nobody did. */
  readonly activatedAtMs?: number;
  /** When it was given up; missing where it was not, or was before this was noted. */
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
  /** Lines of the epochs that it took over, and those among them that were no event. */
  readonly lines: number;
  readonly damaged: number;
  /** Days that were computed anew. */
  readonly days: number;
}

/** Whoever reads or writes for a generation that may be activated no more, a query among them, ends long before. */
export const GRACE_MS = 3_600_000;

const PARTITION = 'generations';
/** Where the generations from one id to another are stored. */
export const rangeOf = (first: string, last: string): CellRange => ({ partition: PARTITION, from: first, to: `${last} ` });
const idOf = (n: number) => `g${String(n).padStart(6, '0')}`;

/** The list of generations and the pointer to the active one, in the cell store. */
export const generations = (store: CellStore) => {
  const stored = documents<Generation>(store, PARTITION);
  const list = (): Promise<Generation[]> => stored.list('g', 'h');

  /** The newest ones before an id (null for the end), newest first. */
  const page = async (limit: number, before: string | null): Promise<{ readonly generations: readonly Generation[]; readonly hasMore: boolean }> => {
    const found = (await stored.list('g', before ?? 'h')).slice(-limit - 1);
    return { generations: found.slice(-limit).reverse(), hasMore: found.length > limit };
  };
  /** Notes a new generation under the next free id. */
  const request = (nowMs: number, throughMs: number | null): Promise<Generation> => note(nowMs, throughMs, {}, 0);
  /** Asks for one that is computed anew from all raw lines. */
  const requestRepair = (nowMs: number, throughMs: number | null): Promise<Generation> => note(nowMs, throughMs, { repair: true }, 0);
  /** Asks for one in an empty list, whose numbers go on after one that was given before. */
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
  /** Changes it if what is stored then allows it; else answers null. */
  const updateIf = async (id: string, allows: (generation: Generation) => boolean, change: Partial<Generation>): Promise<Generation | null> => {
    let isAllowed = false;
    const after = await stored.update(id, (before) => {
      if (before === null) throw new RangeError(`Expected a generation, got '${id}'`);
      isAllowed = allows(before);
      return isAllowed ? { ...before, ...change } : before;
    });
    return isAllowed ? after : null;
  };
  /** The active generation; null before the first. `version` tells whether the pointer has moved. */
  const active = async (): Promise<{ id: string; version: string } | null> => {
    const [stored] = await store.get([pointerKey]);
    return stored == null ? null : { id: Buffer.from(stored.body).toString(), version: stored.version };
  };
  /** What is known of the active generation. */
  const current = async (): Promise<Generation | null> => {
    const pointer = await active();
    return pointer === null ? null : get(pointer.id);
  };
  /** Moves the pointer, if it is still where it was read. */
  const activate = async (id: string, expected: string | null): Promise<boolean> => {
    const [written] = await store.put([
      { cell: { ...pointerKey, version: String(Number(expected ?? 0) + 1), body: Buffer.from(id) }, expected, expiresAtMs: null },
    ]);
    return written === true;
  };
  return { list, page, request, requestRepair, requestAfter, get, update, updateIf, active, current, activate };
};
export type Generations = ReturnType<typeof generations>;
