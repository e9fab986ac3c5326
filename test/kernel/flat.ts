import { z } from 'zod';
import {
  add,
  and,
  concat,
  count,
  decimal,
  definePipeline,
  distinct,
  each,
  eq,
  event,
  first,
  gt,
  histogram,
  hourOf,
  in_,
  latest,
  length,
  lower,
  max,
  mean,
  metric,
  min,
  mul,
  not,
  or,
  quantiles,
  stddev,
  sum,
  top,
  uniques,
  variance,
} from '../../shared/pipeline.ts';

/** Flat events, as the kernel takes them, with names that nothing reads between those that something does. */
const flat = event(
  z.object({
    at: z.iso.datetime(),
    unread: z.string().nullish(),
    name: z.string().nullish(),
    kind: z.string().nullish(),
    n: z.int().nullish(),
    price: decimal(2).nullish(),
    weight: z.number().nullish(),
    ok: z.boolean().nullish(),
    'odd name-ü': z.string().nullish(),
    constructor: z.string().nullish(),
    other: z.unknown(),
  }),
  { time: 'at' },
);
/** Another type in the same records, which the kernel leaves out. */
const listed = event(z.object({ at: z.iso.datetime(), tags: z.array(z.string()).nullish(), n: z.int().nullish() }), { time: 'at' });
/** And one that it takes, with fields of the same names. */
const small = event(z.object({ at: z.iso.datetime(), n: z.string().nullish(), ok: z.int().nullish() }), { time: 'at' });

/** Every measure and many an expression; windows of each length; groups by every kind of value. */
export const flatPipeline = definePipeline({
  events: { flat, listed, small },
  metrics: {
    ranked: metric(flat, {
      dimensions: { kind: flat.kind, ok: flat.ok },
      measures: {
        events: count(),
        n: sum(flat.n),
        price: sum(flat.price),
        weight: sum(flat.weight, { scale: 6 }),
        names: uniques(flat.name),
        ns: uniques(flat.n),
        exact: distinct(flat.name, { exact: 20 }),
        sizes: quantiles(flat.weight),
        prices: quantiles(flat.price),
        top_names: top(flat.name, { keep: 10 }),
        top_by: top(flat.kind, { by: sum(flat.n), keep: 10 }),
        bars: histogram(flat.n, { step: 10 }),
        newest: latest(flat.name),
        oldest: first(flat.weight),
      },
    }),
    spread: metric(flat, {
      window: '5m',
      buckets: 3,
      dimensions: { n: flat.n, odd: flat['odd name-ü'] },
      measures: { mean: mean(flat.price), least: min(flat.name), most: max(flat.weight), var: variance(flat.n), dev: stddev(flat.weight, { scale: 3 }) },
    }),
    computed: metric(flat, {
      window: '15m',
      where: or(gt(flat.weight, 0.5), and(not(flat.ok), in_(flat.kind, ['a', 'É', ''])), eq(flat.price, 19.99)),
      dimensions: { lower: lower(flat.name), hour: hourOf(flat.at), both: concat(flat.kind, '-', flat.constructor) },
      measures: {
        events: count({ where: flat.ok }),
        product: sum(mul(flat.n, flat.price)),
        plus: max(add(flat.n, flat.n)),
        letters: sum(length(flat.name), { where: gt(flat.n, 3) }),
      },
    }),
    hourly: metric(flat, { window: '1h', where: gt(flat.weight, 0.25), dimensions: { unread: flat.n }, measures: { events: count() } }),
    tags: metric(each(listed.tags), { dimensions: { tag: listed.tags }, measures: { tags: count() } }),
    lists: metric(listed, { measures: { lists: count(), n: sum(listed.n) } }),
    small: metric(small, { dimensions: { n: small.n }, measures: { events: count(), ok: sum(small.ok) } }),
  },
});
