import type { FilterJson, Metric } from '../api/types.ts';
import { type Filter, type Operator, withFilter } from '../state/url.ts';
import type { Value } from '../words/names.ts';

const hasDimension = ({ dimensions }: Metric, name: string): boolean => dimensions.some((dimension) => dimension.name === name);

/** The filters that a metric can take, as the API takes them. */
export const filterOf = (metric: Metric, filters: readonly Filter[]): FilterJson => {
  const json: Record<string, Record<string, unknown>> = {};
  for (const { dimension, operator, values } of filters) {
    if (!hasDimension(metric, dimension)) continue;
    const of = (json[dimension] ??= {});
    const [name, value] = API[operator](values);
    of[name] = value;
  }
  return json;
};
const API: Readonly<Record<Operator, (values: readonly string[]) => readonly [string, unknown]>> = {
  is: (values) => ['in', values],
  not: (values) => ['not', values],
  contains: (values) => ['contains', values],
  null: () => ['is', 'null'],
  value: () => ['is', 'value'],
};

/** That a dimension has a value, or has not; of null it is "has no value", or "has a value". */
export const filterFor = (dimension: string, value: Value, isKept = true): Filter => {
  const isNull = value === null || value === undefined;
  const operator: Operator = isNull ? (isKept ? 'null' : 'value') : isKept ? 'is' : 'not';
  return { dimension, operator, values: isNull ? [] : [String(value)] };
};
/** That it has none of these. */
export const filterOthers = (dimension: string, values: readonly Value[]): readonly Filter[] =>
  values.map((value) => filterFor(dimension, value, false)).reduce<readonly Filter[]>((all, filter) => withFilter(all, filter), []);

/** The filters of a view, and those of a group in it. */
export const narrowed = (filters: readonly Filter[], group: readonly Filter[]): readonly Filter[] =>
  group.reduce((all, filter) => {
    // The group's value is one of those that are kept.
    const isOneOf = all.some(({ dimension, operator }) => filter.operator === 'is' && operator === 'is' && dimension === filter.dimension);
    return isOneOf ? all.map((one) => (one.operator === 'is' && one.dimension === filter.dimension ? filter : one)) : withFilter(all, filter);
  }, filters);

/** The dimensions of filters that a metric does not have. */
export const notFiltered = (metric: Metric, filters: readonly Filter[]): readonly string[] => [
  ...new Set(filters.map(({ dimension }) => dimension).filter((name) => !hasDimension(metric, name))),
];

/** For a link, also in a shell's quotes: the same filters as parameters of GET /metrics/{name}. */
export const filterParameters = (filter: FilterJson): string =>
  Object.entries(filter)
    .flatMap(([dimension, operators]) =>
      Object.entries(operators).flatMap(([operator, value]) =>
        operator === 'is'
          ? [`&filter[${dimension}][is]=${String(value)}`]
          : (value as readonly string[]).map(
              (one) => `&filter[${dimension}]${operator === 'in' ? '' : `[${operator}]`}[]=${encodeURIComponent(one).replaceAll("'", '%27')}`,
            ),
      ),
    )
    .join('');
