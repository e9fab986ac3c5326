import type { Figure } from '../data/measures.ts';
import type { Explained } from '../state/url.ts';

/** One event of a number, as GET /metrics/{name}/explain lists it: `data` has only what the metric reads. */
export interface Listed {
  readonly place: 'batch' | 'live';
  readonly id: string;
  readonly source: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** How often it counts: more than once only in a metric over the items of an array. */
  readonly items: number;
  readonly value?: unknown;
}
export interface Listing {
  readonly running?: true;
  /** Of all pages; of values, how many different ones. */
  readonly total: number;
  readonly batch: number;
  readonly live: number;
  readonly events?: readonly Listed[];
  readonly values?: readonly { readonly value: string | number | boolean | null; readonly events: number }[];
  readonly cursor: string | null;
}
const LIMIT = 50;

/** Measures that are made of different values. */
const OF_VALUES = new Set(['uniques', 'distinct', 'top']);
export const isOfValues = ({ kind }: Figure): boolean => OF_VALUES.has(kind);

/** The call that lists the events of a number, or its values, as of the cut at which it was read. @param question the parameters that it was asked with */
export const listingPath = (what: Explained, figure: Figure, question: string, cut: string, isValues: boolean): string => {
  // A formula is computed of measures: its events are all that count.
  const measure = figure.kind === 'formula' ? '' : `&measure=${encodeURIComponent(figure.name)}`;
  const value = what.value === null ? '' : `&value=${encodeURIComponent(what.value)}`;
  return `/metrics/${encodeURIComponent(what.metric)}/explain?${question}&cut=${cut}${measure}${isValues ? '&list=values' : value}&limit=${LIMIT}`;
};
