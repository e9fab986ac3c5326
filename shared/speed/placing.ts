import type { NamedMetric, Pipeline } from '../definition/define.ts';
import type { WindowKey } from '../definition/windows.ts';
import { compileFold, type Fold } from '../fold/metric.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import type { Subject } from '../operators/operator.ts';
import { metricId } from '../storage/keys.ts';

export interface CompiledMetric {
  readonly id: string;
  readonly metric: NamedMetric;
  readonly fold: Fold;
  /** Results of its expressions that did not fit, since that was last reported. */
  overflows: number;
}
/** Where an event, or an item of it, counts. */
export interface Place {
  readonly metric: CompiledMetric;
  readonly of: Subject;
  /** The group's dimension values as a JSON array. */
  readonly key: string;
  readonly window: WindowKey;
  readonly bucket: number;
}

/** Decides in which metrics, windows, groups and buckets events count. */
export const placing = (pipeline: Pipeline) => {
  const metrics = Object.values(pipeline.metrics).map((metric): CompiledMetric => {
    const fold = compileFold(metric.definition, () => void compiled.overflows++);
    const compiled = { id: metricId(metric), metric, fold, overflows: 0 };
    return compiled;
  });
  const byEvent = new Map(Object.keys(pipeline.events).map((type) => [type, metrics.filter(({ metric }) => metric.definition.event === type)]));
  return {
    metrics: metrics as readonly CompiledMetric[],
    /** Everything that can throw is computed first, so that an event counts in all of its metrics or in none. */
    placesOf: (event: StoredEvent): Place[] => {
      const places: Place[] = [];
      const add = (metric: CompiledMetric, of: Subject, window: WindowKey): void => {
        const key = metric.fold.key(of);
        places.push({ metric, of, key, window, bucket: bucketOf(key, metric.metric.definition.buckets) });
      };
      for (const metric of byEvent.get(event.type) ?? []) {
        const { items, counts, window } = metric.fold;
        if (items === null) {
          if (counts(event)) add(metric, event, window(event));
        } else {
          const own = window(event);
          for (const of of items(event)) if (counts(of)) add(metric, of, own);
        }
      }
      return places;
    },
  };
};

/** FNV-1a, 32 bits. */
export const bucketOf = (key: string, buckets: number): number => {
  if (buckets === 1) return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % buckets;
};
