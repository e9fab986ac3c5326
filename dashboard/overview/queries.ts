import type { Metric, Query } from '../api/types.ts';
import { filterOf } from '../data/filters.ts';
import { cardsOf, type Figure } from '../data/measures.ts';
import type { Place } from '../state/url.ts';
import { isoOf, type Range } from '../time/range.ts';

/** What the questions of a metric's panel have in common. */
export interface Asking {
  readonly metric: Metric;
  readonly range: Range;
  readonly zone: string;
  readonly place: Pick<Place, 'filters' | 'compare'>;
}
const common = ({ metric, range, zone, place }: Asking) => ({
  metric: metric.name,
  from: isoOf(range.from),
  to: isoOf(range.to),
  tz: zone,
  filter: filterOf(metric, place.filters),
});
const compared = ({ place: { compare } }: Asking) => (compare === 'off' ? {} : { compare });

/** Every measure with a card, window by window. */
export const seriesQuery = (asking: Asking): Query => ({
  ...common(asking),
  ...compared(asking),
  every: asking.range.every,
  fill: 'zero',
  parts: true,
  measures: cardsOf(asking.metric)
    .filter(({ shape }) => shape !== 'text')
    .map(({ name }) => name),
});
/** All measures over the whole range. */
export const totalQuery = (asking: Asking): Query => ({ ...common(asking), ...compared(asking), every: 'all', parts: true });

const TOP = 5;
/** The first groups and the rest, window by window. */
export const breakdownQuery = (asking: Asking, dimension: string, figure: Figure): Query => ({
  ...common(asking),
  every: asking.range.every,
  fill: 'zero',
  by: [dimension],
  measures: [figure.name],
  order: `-${figure.order}`,
  top: TOP,
  other: true,
});
const LISTED = 30;
/** The first groups over the whole range. */
export const listQuery = (asking: Asking, dimension: string, figure: Figure): Query => ({
  ...common(asking),
  ...compared(asking),
  every: 'all',
  parts: true,
  by: [dimension],
  measures: [figure.name],
  order: `-${figure.order}`,
  limit: LISTED,
});
