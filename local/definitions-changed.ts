import { isWholeFrom } from '../shared/batch/drift.ts';
import { readProgress } from '../shared/consume/horizon.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import type { CellStore } from '../shared/ports/cell-store.ts';
import { metricId } from '../shared/storage/keys.ts';

/**
 * Whether a metric was not folded under its present definition in all of the newest epoch. It answers again only once the
 * horizon has passed that epoch, which a new epoch brings about within seconds.
 */
export const haveDefinitionsChanged = async (store: CellStore, { metrics }: Pick<Pipeline, 'metrics'>): Promise<boolean> => {
  const aggregate = await readProgress(store, 'aggregate');
  const newestMs = Math.max(0, ...[...aggregate.values()].map(({ epochMs }) => epochMs));
  return Object.values(metrics).some((metric) => !isWholeFrom(metricId(metric), aggregate, newestMs));
};
