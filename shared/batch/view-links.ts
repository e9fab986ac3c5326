import type { Pipeline } from '../definition/define.ts';
import { batchSizes } from '../definition/windows.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { metricId } from '../storage/keys.ts';
import { linkKey } from '../storage/lake.ts';
import type { Generations } from './generations.ts';
import { readManifest } from './manifest.ts';

export interface LinkPorts {
  readonly pipeline: Pipeline;
  readonly lake: ObjectStore;
  /** How other tools address a file of the lake; null if there are none. */
  readonly uriOf: ((key: string) => string) | null;
}

/**
 * Lets other tools read the active generation's batch views as tables. Each metric and window size has one text file that
 * lists the URIs of its Parquet files, in the format of Hive's SymlinkTextInputFormat, so that a table changes atomically.
 * The links follow the pointer at each run of the batch layer; a metric that is being rebuilt has no rows. Twinstream itself
 * does not read them.
 */
export const linkViews = async ({ pipeline, lake, uriOf }: LinkPorts, list: Generations): Promise<void> => {
  const active = await list.active();
  if (uriOf === null || active === null) return;
  const { metrics } = await readManifest(lake, list, active.id);
  for (const metric of Object.values(pipeline.metrics)) {
    const days = Object.entries(metrics[metricId(metric)]?.days ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const size of batchSizes(metric.definition.window)) {
      const key = linkKey(metric.name, size);
      // A file may hold several days, and a reader adds up every line.
      const files = new Set(days.flatMap(([, sizes]) => sizes[size] ?? []));
      const links = Buffer.from([...files].map((file) => `${uriOf(file)}\n`).join(''));
      const stored = await lake.get(key);
      if (stored === null || Buffer.compare(stored, links) !== 0) await lake.put(key, links);
    }
  }
};
