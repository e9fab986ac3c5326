import type { FilterJson, Metric } from '../api/types.ts';
import type { Filter, Operator } from '../state/url.ts';

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
