import {
  add,
  bucket,
  concat,
  contains,
  count,
  definePipeline,
  div,
  entity,
  eq,
  event,
  gte,
  histogram,
  latest,
  lower,
  lt,
  matches,
  max,
  metric,
  not,
  quantiles,
  ratio,
  sum,
  time,
  top,
  when,
} from 'twinstream';
import { z } from 'zod';

const request = event(
  z.object({
    id: z.string(),
    /** Seconds since 1970, with a fraction, as nginx writes $msec. */
    time: time({ unit: 's' }),
    service: z.string(),
    method: z.string(),
    path: z.string(),
    status: z.int(),
    ms: z.number(),
    bytes: z.int(),
    agent: z.string().optional(),
  }),
  { time: 'time', id: 'id', subject: 'path' },
);

/** Paths with ids in them are one route. */
const route = concat(
  request.method,
  ' ',
  when(matches(request.path, '^/products/[0-9]+$'), '/products/:id', when(matches(request.path, '^/orders/[0-9]+$'), '/orders/:id', request.path)),
);
const isError = gte(request.status, 500);

export default definePipeline({
  events: { request },
  metrics: {
    requests: metric(request, {
      window: '5m',
      where: not(eq(request.path, '/health')),
      dimensions: {
        service: request.service,
        route,
        statusClass: bucket(request.status, [100, 200, 300, 400, 500]),
        bot: contains(lower(request.agent), 'bot'),
      },
      measures: {
        requests: count(),
        errors: count({ where: isError }),
        refused: count({ where: eq(bucket(request.status, [400, 500]), 400) }),
        latency: quantiles(request.ms, { p: [50, 95, 99] }),
        slowest: max(request.ms),
        latencies: histogram(request.ms, { bounds: [10, 50, 100, 500, 1_000] }),
        satisfied: count({ where: lt(request.ms, 100) }),
        tolerated: count({ where: eq(bucket(request.ms, [100, 400]), 100) }),
        bytes: sum(request.bytes),
        failing: top(request.path, { where: isError }),
      },
      formulas: {
        errorRate: ratio('errors', 'requests'),
        apdex: div(add('satisfied', div('tolerated', 2)), 'requests'),
      },
    }),
  },
  entities: {
    service: entity(request, {
      key: request.service,
      fields: {
        requests: count(),
        errors: count({ where: isError }),
        lastError: latest(request.path, { where: isError }),
        lastErrorAt: latest(request.time, { where: isError }),
        seen: latest(request.time),
      },
      search: ['lastError'],
    }),
  },
});
