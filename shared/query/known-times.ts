import { timesOf } from './arrived.ts';
import type { Cut } from './cut.ts';

/**
 * Between which times a metric has events, as far as is known without reading any: those of its type that the speed layer
 * folded, and where an older version folded them, the days of its views.
 */
export const knownTimes = (
  { manifest, aggregate }: Pick<Cut, 'manifest' | 'aggregate'>,
  metric: string,
  event: string,
): { readonly first: string | null; readonly last: string | null } => {
  const { first, last } = timesOf(aggregate, event);
  const days = Object.keys(manifest.metrics[metric]?.days ?? {}).sort();
  const [firstDay, lastDay] = [days[0], days.at(-1)];
  return {
    first: firstDay !== undefined && (first === null || firstDay < first.slice(0, 10)) ? `${firstDay}T00:00:00.000Z` : first,
    last: lastDay !== undefined && (last === null || lastDay > last.slice(0, 10)) ? `${lastDay}T23:59:59.999Z` : last,
  };
};
