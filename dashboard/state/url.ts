// The page's state is its URL: every view can be sent to somebody, and the back button works.

export const OPERATORS = ['is', 'not', 'contains', 'null', 'value'] as const;
export type Operator = (typeof OPERATORS)[number];
export interface Filter {
  readonly dimension: string;
  readonly operator: Operator;
  /** None for `null` and `value`. Several are combined with or. */
  readonly values: readonly string[];
}
export const VIEWS = ['overview', 'entities', 'quarantine', 'operations'] as const;
export type View = (typeof VIEWS)[number];

export interface Place {
  readonly view: View;
  /** Of what a view shows: an entity's kind and key, a group of the quarantine. */
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
  readonly search: string;
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
  };
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
  for (const { dimension, operator, values } of place.filters) put('filter', [dimension, operator, ...values].map(escaped).join(':'));
  const query = parameters.map(([name, value]) => `${name}=${readable(value)}`).join('&');
  const id = place.id === '' ? '' : `/${encodeURIComponent(place.id)}`;
  return `#/${place.view}${id}${query === '' ? '' : `?${query}`}`;
};

/** Parts of a filter are separated by colons, which they may have in them. */
const escaped = (part: string): string => part.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
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
