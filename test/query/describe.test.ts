import { z } from 'zod';
import {
  and,
  count,
  definePipeline,
  distinct,
  eq,
  event,
  exists,
  gte,
  hourOf,
  in_,
  metric,
  mul,
  not,
  or,
  quantiles,
  sum,
  top,
  uniques,
} from '../../shared/pipeline.ts';
import { describeMetric } from '../../shared/query/describe.ts';

// What GET /metrics says of values and conditions, as a person writes them.

const call = event(
  z.object({ at: z.iso.datetime(), status: z.int(), price: z.int(), quantity: z.int(), robot: z.boolean(), user: z.object({ id: z.string().optional() }) }),
  { time: 'at' },
);
const { metrics } = definePipeline({
  events: { call },
  metrics: {
    calls: metric(call, {
      where: and(not(call.robot), or(exists(call.user.id), in_(call.status, [200, 204]))),
      dimensions: { hour: hourOf(call.at), user: call.user.id },
      measures: {
        calls: count(),
        errors: count({ where: gte(call.status, 500) }),
        paid: sum(mul(call.price, call.quantity), { where: eq(call.user.id, "o'hara") }),
        users: uniques(call.user.id),
        few: distinct(call.user.id),
        prices: quantiles(call.price),
        most: top(call.user.id),
      },
    }),
    all: metric(call, { measures: { calls: count() } }),
  },
});

test('given a metric, then its condition, dimensions and measures are said as they are written', () => {
  const { where, dimensions, measures } = describeMetric(metrics.calls as NonNullable<typeof metrics.calls>);
  expect(where).toBe('not robot and (user.id has a value or (status in (200, 204)))');
  expect(dimensions.map(({ name, value }) => [name, value])).toEqual([
    ['hour', 'hourOf(time)'],
    ['user', 'user.id'],
  ]);
  expect(measures.map((one) => [one.name, one.value, one.where, one.error, one.addsUp])).toEqual([
    ['calls', undefined, undefined, 'exact', true],
    ['errors', undefined, 'status >= 500', 'exact', true],
    ['paid', 'price * quantity', "user.id = 'o'hara'", 'exact', true],
    ['users', 'user.id', undefined, 'estimated', undefined],
    ['few', 'user.id', undefined, 'exact-or-estimated', undefined],
    ['prices', 'price', undefined, 'rounded', undefined],
    ['most', 'user.id', undefined, 'undercounted', undefined],
  ]);
});

test('given a metric of all events, then it has no condition', () => {
  expect(describeMetric(metrics.all as NonNullable<typeof metrics.all>)).not.toHaveProperty('where');
});
