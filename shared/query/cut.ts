import { type Generation, generations } from '../batch/generations.ts';
import { EMPTY_MANIFEST, type Manifest, manifestCache } from '../batch/manifest.ts';
import { frontier, type ProgressByShard, readProgress } from '../consume/horizon.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { ObjectStore } from '../ports/object-store.ts';

export interface AnswerPorts {
  readonly store: CellStore;
  readonly lake: ObjectStore;
  readonly log: EventLog;
  readonly clock: Clock;
  /** How long after their epoch cells expire by themselves; null if they do not. */
  readonly cellsKeptMs: number | null;
}

/** Where the layers meet, and what leads to their parts: everything of one answer, or of several, is read at one cut. */
export interface Cut {
  readonly generation: string | null;
  readonly manifest: Manifest;
  readonly aggregate: ProgressByShard;
  readonly speedThroughMs: number | null;
  /** The generation's entry in the list. */
  readonly published: () => Promise<Generation | null>;
}

/** Reads the pointer and what it leads to as one consistent snapshot. */
export const cutting = ({ store, lake, log }: Pick<AnswerPorts, 'store' | 'lake' | 'log'>): (() => Promise<Cut>) => {
  const list = generations(store);
  const manifestOf = manifestCache(lake, list);
  return async () => {
    const active = await list.active();
    const aggregate = await readProgress(store, 'aggregate');
    const arrivals = frontier(await log.shards(), aggregate).map(({ progress }) => progress?.arrivedAtMs ?? null);
    const speedThroughMs = arrivals.includes(null) ? null : Math.min(...arrivals.flatMap((ms) => ms ?? []));
    return {
      generation: active?.id ?? null,
      manifest: active === null ? EMPTY_MANIFEST : await manifestOf(active.id),
      aggregate,
      speedThroughMs,
      published: async () => (active === null ? null : list.get(active.id)),
    };
  };
};
