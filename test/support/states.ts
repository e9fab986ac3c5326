import { decodeCell } from '../../shared/fold/cell.ts';
import { compileFold, type Group } from '../../shared/fold/metric.ts';
import { unstamp } from '../../shared/log/epochs.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import { metricId } from '../../shared/storage/keys.ts';
import { everyCell, type hits } from './world.ts';

export type Metric = (typeof hits.metrics)[string];
/** `window group` → the canonical JSON of events and states. */
export type States = Record<string, string>;

export const statesOf = (metric: Metric, groups: ReadonlyMap<string, Group>): States => {
  const { measures } = compileFold(metric.definition);
  return Object.fromEntries(
    [...groups].sort().map(([name, { events, states }]) => [name, JSON.stringify([events, ...measures.map(({ measure }, i) => measure.encode(states[i]))])]),
  );
};

/** What the cells of the epochs from a seam on add up to. */
export const speedStates = async (store: CellStore, metric: Metric, seamMs: number): Promise<States> => {
  const fold = compileFold(metric.definition);
  const id = metricId(metric);
  const groups = new Map<string, Group>();
  for (const slice of await everyCell(store, `slices#${id}`)) {
    const [epoch = '', shard = ''] = slice.sort.split('#');
    if (unstamp(epoch) < seamMs) continue;
    for (const cell of await everyCell(store, `cells#${id}#${epoch}#${shard}`)) {
      for (const [key, group] of decodeCell(fold, cell.body).groups) {
        const name = `${cell.sort.split('#')[0]} ${key}`;
        const known = groups.get(name);
        if (known === undefined) groups.set(name, group);
        else fold.merge(known, group);
      }
    }
  }
  return statesOf(metric, groups);
};
