import { z } from 'zod';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

const hit = event(z.object({ at: z.iso.datetime(), page: z.string(), n: z.int() }), { time: 'at' });
export const pipeline = definePipeline({
  events: { hit },
  metrics: {
    hits: metric(hit, { dimensions: { page: hit.page }, measures: { hits: count(), n: sum(hit.n) } }),
    other: metric(hit, { measures: { hits: count() } }),
  },
});
export const NOW = Date.parse('2026-11-21T10:00:30.000Z');
export const AT = '2026-11-21T09:00:00.000Z';
const QUERY = '/metrics/hits?from=2026-11-21&to=2026-11-22';
const bodyOf = (...numbers: readonly number[]) => JSON.stringify(numbers.map((n) => ({ at: AT, page: 'p', n })));

export let world: System;
/** The log's one shard. */
export let shard: string;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: NOW });
  shard = (await world.log.shards())[0]?.id ?? '';
});
afterEach(() => world.close());
export const totals = async () => (await world.get(QUERY, {})).body.rows.map(({ hits, n }) => [hits, n]);
export const post = (key: string, ...numbers: readonly number[]) => world.post('/events/hit', bodyOf(...numbers), { 'idempotency-key': key });
