import { fixedOf, fixedRange } from '../time/range.ts';

// The page's state is its URL: every view can be sent to somebody, and the back button works.

export const OPERATORS = ['is', 'not', 'contains', 'null', 'value'] as const;
export type Operator = (typeof OPERATORS)[number];
export interface Filter {
  readonly dimension: string;
  readonly operator: Operator;
  /** None for `null` and `value`. Several are combined with or. */
  readonly values: readonly string[];
}
/** `event` is where one event is; nothing but a link leads there. */
export const VIEWS = ['overview', 'entities', 'quarantine', 'operations', 'event'] as const;
export type View = (typeof VIEWS)[number];

/** A number to explain: a figure of a metric over a range. */
export interface Explained {
  readonly metric: string;
  readonly figure: string;
  readonly from: number;
  readonly to: number;
  /** Filters of its own, beside those of the view: the group that the number is of. */
  readonly group: readonly Filter[];
  /** One of the values that it is made of (a page of a top list, a bucket of a histogram); null for all. */
  readonly value: string | null;
}

export interface Place {
  readonly view: View;
  /** Of what a view shows: an entity's kind and key, a group of the quarantine, an event's type and id. */
  readonly id: string;
  readonly range: string;
  readonly every: string;
  readonly compare: 'previous' | 'year' | 'off';
  /** Empty for the viewer's own. */
  readonly zone: string;
  readonly filters: readonly Filter[];
  /** The chosen measure, by metric. */
  readonly measures: Readonly<Record<string, string>>;
  /** The dimension of the breakdown, by metric. */
  readonly by: Readonly<Record<string, string>>;
  readonly form: 'stacked' | 'each';
  /** What is typed into a search; of an event, its source. */
  readonly search: string;
  readonly explained: Explained | null;
}
export const START: Place = {
  view: 'overview',
  id: '',
  range: '',
  every: '',
  compare: 'previous',
  zone: '',
  filters: [],
  measures: {},
  by: {},
  form: 'stacked',
  search: '',
  explained: null,
};

/** Reads a hash, whatever is in it. */
export const placeOf = (hash: string): Place => {
  const [path = '', query = ''] = split(hash.replace(/^#?\/?/, ''), '?');
  const [view = '', id = ''] = split(path, '/');
  const parameters = new URLSearchParams(query);
  const one = (name: string) => parameters.get(name) ?? '';
  const compare = one('compare');
  return {
    view: VIEWS.find((known) => known === view) ?? 'overview',
    id: decoded(id),
    range: one('range'),
    every: one('every'),
    compare: compare === 'off' || compare === 'year' ? compare : 'previous',
    zone: one('tz'),
    filters: parameters.getAll('filter').flatMap(filterOf),
    measures: pairsOf(parameters.getAll('measure')),
    by: pairsOf(parameters.getAll('by')),
    form: one('as') === 'each' ? 'each' : 'stacked',
    search: one('q'),
    explained: explainedOf(parameters),
  };
};
const explainedOf = (parameters: URLSearchParams): Explained | null => {
  const [metric, figure] = split(parameters.get('explain') ?? '', ':');
  const range = fixedOf(parameters.get('at') ?? '');
  if (metric === '' || figure === '' || range === null) return null;
  return { metric, figure, ...range, group: parameters.getAll('group').flatMap(filterOf), value: parameters.get('value') };
};

export const hashOf = (place: Place): string => {
  const parameters: [string, string][] = [];
  const put = (name: string, value: string, usual = '') => value !== usual && parameters.push([name, value]);
  put('range', place.range);
  put('every', place.every);
  put('compare', place.compare, 'previous');
  put('tz', place.zone);
  put('as', place.form, 'stacked');
  put('q', place.search);
  for (const [metric, measure] of Object.entries(place.measures)) put('measure', `${metric}:${measure}`);
  for (const [metric, dimension] of Object.entries(place.by)) put('by', `${metric}:${dimension}`);
  for (const filter of place.filters) put('filter', textOf(filter));
  if (place.explained !== null) {
    const { metric, figure, from, to, group, value } = place.explained;
    put('explain', `${metric}:${figure}`);
    put('at', fixedRange(from, to));
    for (const filter of group) put('group', textOf(filter));
    if (value !== null) parameters.push(['value', value]);
  }
  const query = parameters.map(([name, value]) => `${name}=${readable(value)}`).join('&');
  const id = place.id === '' ? '' : `/${encodeURIComponent(place.id)}`;
  return `#/${place.view}${id}${query === '' ? '' : `?${query}`}`;
};

/** Parts of a filter are separated by colons, which they may have in them. */
const escaped = (part: string): string => part.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
const textOf = ({ dimension, operator, values }: Filter): string => [dimension, operator, ...values].map(escaped).join(':');
const readable = (value: string): string => encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2F', '/');

const filterOf = (text: string): Filter[] => {
  const [dimension = '', operator = '', ...values] = [...`:${text}`.matchAll(/:((?:[^:\\]|\\.)*)/gs)].map(([, part = '']) => part.replace(/\\(.)/gs, '$1'));
  const known = OPERATORS.find((one) => one === operator);
  return dimension === '' || known === undefined ? [] : [{ dimension, operator: known, values: hasValues(known) ? values : [] }];
};
export const hasValues = (operator: Operator): boolean => operator !== 'null' && operator !== 'value';

const pairsOf = (texts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(texts.map((text) => split(text, ':')).filter(([name, value]) => name !== '' && value !== ''));
const split = (text: string, at: string): [string, string] => {
  const place = text.indexOf(at);
  return place < 0 ? [text, ''] : [text.slice(0, place), text.slice(place + 1)];
};
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Another value of a filter that is there already is combined with or. */
export const withFilter = (filters: readonly Filter[], added: Filter): readonly Filter[] => {
  const same = filters.find(({ dimension, operator }) => dimension === added.dimension && operator === added.operator);
  if (same === undefined) return [...filters, added];
  const values = [...new Set([...same.values, ...added.values])];
  return filters.map((filter) => (filter === same ? { ...same, values } : filter));
};
