import type { Metric } from '../api/types.ts';
import type { Filter } from '../state/url.ts';

/** A field by its path, alone. */
const FIELD = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;

export interface EventQuery {
  /** Parameters of GET /events/{type}. */
  readonly query: string;
  /** Whether each of these events is in the number; else some may not be. */
  readonly isExact: boolean;
}

/** The raw events that a metric's figure counts in a range, as far as GET /events can select them: by fields that have a value. */
export const eventQuery = (
  metric: Metric,
  figure: string,
  filters: readonly Filter[],
  range: { readonly from: string; readonly to: string },
  limit: number,
): EventQuery => {
  const wanted: (readonly [field: string, value: string])[] = [];
  let isExact = true;
  for (const where of [metric.where, metric.measures.find(({ name }) => name === figure)?.where]) {
    if (where === undefined) continue;
    // A condition that is a field alone is a boolean one.
    if (FIELD.test(where)) wanted.push([where, 'true']);
    else isExact = false;
  }
  for (const { dimension, operator, values } of filters) {
    const field = metric.dimensions.find(({ name }) => name === dimension)?.value;
    if (field === undefined && !metric.dimensions.some(({ name }) => name === dimension)) continue;
    if (field !== undefined && FIELD.test(field) && operator === 'is') for (const value of values) wanted.push([field, value]);
    else isExact = false;
  }
  const filter = wanted.map(([field, value]) => `&filter[${field}][]=${encodeURIComponent(value)}`).join('');
  return { query: `limit=${limit}&from=${range.from}&to=${range.to}${filter}`, isExact };
};

const MOST_SHOWN = 3;
export interface Shown {
  readonly title: string;
  readonly more: string;
}
/** An event in a line: its first text, and a few more. */
export const inShort = (data: Readonly<Record<string, unknown>>): Shown => {
  const isTime = (value: string) => /^\d{4}-\d\d-\d\dT/.test(value);
  const texts = Object.values(data).filter((value): value is string => typeof value === 'string' && value !== '' && !isTime(value));
  return { title: texts[0] ?? '', more: texts.slice(1, 1 + MOST_SHOWN).join(' · ') };
};
/** What a measure takes of an event, if that is a field. */
export const valueIn = (data: Readonly<Record<string, unknown>>, path: string | undefined): unknown =>
  path === undefined || !FIELD.test(path)
    ? undefined
    : path
        .split('.')
        .reduce<unknown>((inner, part) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[part] : undefined), data);
