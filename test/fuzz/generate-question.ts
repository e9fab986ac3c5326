import type { Random } from '../../testing/random.ts';
import { aValue, DAY, some, WINDOWS } from './generate.ts';
import type { DimensionSpec, Every, FilterSpec, MeasureSpec, MetricSpec, Part, Question, Scalar, Step } from './spec.ts';

const EVERY: readonly Every[] = ['1h', '6h', '1d', '7d', '1mo', 'all', '2h', '3h', '5h', '8h', '12h', '2d', '3d', '1w', '2w', '2mo', '1q', '1y'];
const MINUTES: readonly Step[] = ['1m', '5m', '15m', '2m', '10m', '20m', '30m', '45m', '90m'];
const PARTS: readonly Part[] = ['@hour', '@weekday', '@date', '@month'];

const wanted = (r: Random, spec: DimensionSpec, aroundMs: number): Scalar[] => {
  switch (spec.by) {
    case 'field':
      return Array.from({ length: r.integer(1, 3) }, () => aValue(r, spec.field));
    case 'lower':
      return some(r, ['a', 'b', 'anna', 'ünal'], 1, 3);
    case 'coalesce':
      return some(r, [spec.value, 'a'], 1, 2);
    case 'date':
      return [new Date(aroundMs).toISOString().slice(0, 10)];
    default:
      return some(r, [1, 2, 3, 7, 12, 23], 1, 4);
  }
};
const aFilter = (r: Random, dimension: string, spec: DimensionSpec, aroundMs: number): FilterSpec => {
  const values = wanted(r, spec, aroundMs);
  const kinds = new Set(values.map((value) => typeof value));
  const is = r.pick([
    ...(['in', 'in', 'not', 'null', 'value'] as const),
    ...(kinds.has('string') ? (['prefix', 'contains'] as const) : []),
    ...(kinds.has('number') ? (['gte', 'lt'] as const) : []),
  ]);
  if (is === 'gte' || is === 'lt') return { dimension, is, values: values.slice(0, 1) };
  // Characters outside of the first plane are two for JavaScript.
  return { dimension, is, values: is === 'prefix' ? values.map((value) => [...String(value)].slice(0, 2).join('')) : values };
};

/** A range and windows of it, few enough where all of them get rows. */
const aRange = (r: Random, windowMs: number, aroundMs: number, isAll: boolean): Pick<Question, 'fromMs' | 'toMs' | 'every'> => {
  const cut = (ms: number) => Math.floor(ms / windowMs) * windowMs;
  const everyOf = (list: readonly Every[]): Every =>
    r.pick(list.filter((every) => !every.endsWith('m') || (Number.parseInt(every, 10) * 60_000) % windowMs === 0));
  if (isAll) {
    const [fromMs, days] = [aroundMs + r.integer(-20 * 24, 10 * 24) * 3_600_000, r.pick([0.25, 1, 2, 7, 10])];
    const every = everyOf(
      days < 1 ? ['all', '15m', '30m', '1h', '90m', '2h'] : ['all', '6h', '1d', '7d', '1w', '1mo', ...(days < 7 ? (['1h', '5h'] as const) : [])],
    );
    return { fromMs: cut(fromMs), toMs: cut(fromMs + days * DAY), every };
  }
  const [a, b] = [aroundMs + r.integer(-45, 45) * DAY, aroundMs + r.integer(-100_000, 100_000) * 1_000];
  const [fromMs, toMs] = r.chance(0.5) ? [aroundMs - 45 * DAY, aroundMs + 45 * DAY] : [Math.min(a, b), Math.max(a, b)];
  return { fromMs: cut(fromMs), toMs: cut(toMs), every: everyOf([...EVERY, ...MINUTES]) };
};

export const aQuestion = (r: Random, metric: MetricSpec, zone: string, aroundMs: number): Question => {
  const windowMs = WINDOWS[metric.window];
  const dimensions = Object.keys(metric.dimensions);
  const exact = (name: string) =>
    !['uniques', 'quantiles', 'top', 'histogram', 'latest', 'first'].includes(metric.measures[name]?.measure ?? 'formula') && !isText(metric.measures[name]);
  const measures = some(r, [...Object.keys(metric.measures), ...Object.keys(metric.formulas)], 1, 9);
  const by = [...some(r, dimensions, 0, 3), ...some(r, PARTS, 0, r.chance(0.3) ? 2 : 0)];
  const filters = some(r, dimensions, 0, r.chance(0.4) ? 2 : 0).map((name) => aFilter(r, name, metric.dimensions[name] as DimensionSpec, aroundMs));
  const sortable = [...by, ...measures.filter((name) => !['uniques', 'quantiles', 'top', 'histogram'].includes(metric.measures[name]?.measure ?? 'formula'))];
  const top = by.length > 0 && sortable.length > 0 && r.chance(0.25) ? { groups: r.integer(1, 4), other: r.chance(0.6) } : null;
  const order = top !== null || r.chance(0.4) ? (r.chance(0.5) ? '-' : '') + r.pick(top !== null ? sortable : ['window', ...sortable]) : null;
  const fill = r.chance(0.25) ? r.pick(['zero', 'null'] as const) : null;
  const over = r.chance(0.2) ? overOf(r, windowMs) : null;
  const isCompared = r.chance(0.2);
  const { fromMs, toMs, every } = aRange(r, windowMs, aroundMs, fill !== null || over !== null || isCompared);
  const shift = r.integer(-10, 10) * DAY;
  const compare = isCompared
    ? r.pick(['previous', ...(zone === 'UTC' ? (['year'] as const) : []), { fromMs: fromMs + shift, toMs: toMs + shift }] as const)
    : null;
  const bounded = [...measures, ...Object.keys(metric.measures)].filter(exact);
  return {
    ...{ fromMs, toMs, tz: zone, week: r.pick(['monday', 'sunday'] as const), every, by, filters, measures, order, fill, top, compare, over },
    having:
      bounded.length > 0 && r.chance(0.2)
        ? [{ name: r.pick(bounded), is: r.pick(['gte', 'gt', 'lte', 'lt'] as const), bound: r.pick([0, 1, 2.5, -1, 100]) }]
        : [],
    offset: r.chance(0.1) ? r.integer(1, 5) : 0,
    limit: r.chance(0.2) ? r.integer(1, 20) : null,
    totals: r.chance(0.2),
    via: r.pick(['get', 'get', 'get', 'post', 'ndjson'] as const),
  };
};
const isText = (spec: MeasureSpec | undefined): boolean => spec !== undefined && 'field' in spec && ['name', 'label'].includes(spec.field);
const overOf = (r: Random, windowMs: number): Every =>
  r.pick((['1h', '6h', '5h', '1d', '3d', '1w', '1mo', 'all'] as const).filter((over) => over !== '5h' || windowMs <= 3_600_000));
