// What must compile. Every line is one that a user may write; the compiler is the test.
import {
  and,
  coalesce,
  count,
  dateOf,
  definePipeline,
  entity,
  eq,
  event,
  exists,
  first,
  gt,
  gte,
  hourOf,
  in_,
  latest,
  lower,
  lt,
  lte,
  max,
  mean,
  metric,
  min,
  monthOf,
  not,
  or,
  type Pipeline,
  quantiles,
  sum,
  top,
  uniques,
  urlHost,
  weekdayOf,
} from 'twinstream';
import { z } from 'zod';
import { edit, order } from './events.ts';

const wrapped = event(
  z.object({
    at: z.iso.datetime().or(z.string()).pipe(z.string()),
    a: z.int().optional().nullable().default(0),
    b: z.string().catch('').readonly(),
    c: z.literal(['x', 'y']),
    d: z.string().transform(Number).pipe(z.int()),
    e: z.object({ f: z.object({ g: z.int32().nullish() }) }).partial(),
    'odd name': z.string(),
  }),
  { time: 'at', subject: 'b', id: 'c' },
);

export const accepted = definePipeline({
  events: { edit, order, wrapped },
  metrics: {
    all: metric(edit, {
      window: '5m',
      buckets: 4,
      dimensions: {
        user: edit.user,
        robot: edit.isRobot,
        added: edit.added,
        country: edit.geo.country,
        low: lower(edit.page),
        host: urlHost(edit.page),
        hour: hourOf(edit.time),
        day: weekdayOf(edit.time),
        month: monthOf(edit.time),
        date: dateOf(edit.time),
        named: coalesce(edit.user, 'nobody'),
        either: coalesce(edit.user, edit.page),
      },
      measures: {
        n: count(),
        integers: sum(edit.added),
        decimals: sum(edit.price),
        floats: sum(edit.score, { scale: 6 }),
        usual: mean(edit.score, { scale: 2 }),
        least: min(edit.page),
        most: max(edit.score),
        users: uniques(edit.user),
        sizes: quantiles(edit.price, { p: [50, 99.9] }),
        pages: top(edit.page, { keep: 100, limit: 5 }),
        last: latest(edit.isRobot),
        earliest: first(edit.geo.country),
      },
      where: and(
        not(edit.isRobot),
        or(eq(edit.status, 'open'), in_(edit.status, ['paid']), eq(edit.page, edit.user)),
        gt(edit.added, 5),
        gte(edit.price, 0.5),
        lt(edit.score, edit.added),
        lte(edit.page, 'z'),
        exists(edit.user),
      ),
    }),
    bare: metric(order, { measures: { n: count() }, where: order.paid }),
    wrapped: metric(wrapped, {
      dimensions: { odd: wrapped['odd name'], c: wrapped.c, b: wrapped.b },
      measures: { a: sum(wrapped.a), d: sum(wrapped.d), g: sum(wrapped.e.f.g) },
    }),
  },
  entities: {
    page: entity(edit, { key: edit.page, fields: { title: latest(edit.page), n: count(), low: min(edit.page) }, search: ['title', 'low'] }),
    order: entity(order, { key: order.page, fields: { n: count() }, tombstone: not(order.paid) }),
  },
});

/** A pipeline of any events and metrics. */
export const any: Pipeline = accepted;
