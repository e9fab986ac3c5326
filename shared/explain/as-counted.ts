import type { Scalar } from '../definition/definition.ts';
import { windowStartMs } from '../definition/windows.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import { type Placing, placesIn } from './places.ts';
import type { FoundEvent } from './whereabouts-form.ts';

/** How each metric of its type counts an event that is neither a duplicate nor excluded. */
export const asCounted = (placing: Placing, event: StoredEvent): Pick<FoundEvent, 'state' | 'metrics'> => {
  const places = placesIn(placing, event);
  if (places === null) return { state: 'quarantined' };
  const own = placing.metrics.filter(({ metric }) => metric.definition.event === event.type);
  return {
    state: places.length > 0 ? 'counted' : 'filtered',
    metrics: own.map((compiled) => {
      const { name, definition } = compiled.metric;
      const here = places.filter(({ metric }) => metric === compiled);
      const [first] = here;
      if (first === undefined) return { metric: name, counts: false };
      const groupOf = (key: string) => {
        const values = JSON.parse(key) as (Scalar | null)[];
        return Object.fromEntries(definition.dimensions.map((dimension, i) => [dimension.name, values[i] ?? null]));
      };
      const groups = [...new Set(here.map(({ key }) => key))].map(groupOf);
      return { metric: name, counts: true, window: new Date(windowStartMs(first.window)).toISOString(), groups, items: here.length };
    }),
  };
};
