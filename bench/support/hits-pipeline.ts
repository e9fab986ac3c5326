// What the benchmarks beside other engines count: three measures by minute and channel.
import { count, definePipeline, event, metric, sum, time, uniques } from 'twinstream';
import { z } from 'zod';

const hit = event(
  z.object({ time: time(), channel: z.string(), page: z.string(), user: z.string(), added: z.int(), device: z.string(), country: z.string() }),
  { time: 'time' },
);

export default definePipeline({
  events: { hit },
  metrics: { hits: metric(hit, { dimensions: { channel: hit.channel }, measures: { hits: count(), added: sum(hit.added), users: uniques(hit.user) } }) },
});
