import { z } from 'zod';
import type { ExplainedEvents } from '../../shared/explain/explained.ts';
import { count, definePipeline, event, gte, max, metric, quantiles, ratio, sum, top, uniques } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

export const visit = event(
  z.object({ id: z.string(), at: z.iso.datetime(), page: z.string().optional(), user: z.string(), ms: z.int(), secret: z.string().optional() }),
  { time: 'at', id: 'id' },
);
export const pipeline = definePipeline({
  events: { visit },
  metrics: {
    visits: metric(visit, {
      dimensions: { page: visit.page },
      measures: {
        visits: count(),
        slow: count({ where: gte(visit.ms, 100) }),
        users: uniques(visit.user),
        ms: quantiles(visit.ms),
        pages: top(visit.page),
        worst: max(visit.ms),
      },
      formulas: { share: ratio('slow', 'visits') },
    }),
    slow: metric(visit, { window: '1h', where: gte(visit.ms, 100), measures: { visits: count(), total: sum(visit.ms) } }),
  },
});
export const NOW = Date.parse('2026-11-21T10:00:30.000Z');
export const RANGE = 'from=2026-11-21&to=2026-11-22';
export const NINE = '2026-11-21T09:00:00.000Z';

export let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 2, startMs: NOW });
});
afterEach(() => world.close());

export interface Visit {
  readonly id: string;
  readonly at?: string;
  readonly page?: string;
  readonly user?: string;
  readonly ms?: number;
  readonly secret?: string;
}
const NDJSON = { 'content-type': 'application/x-ndjson' };
/** Posts visits; nothing takes them yet. */
export const post = async (...visits: readonly Visit[]): Promise<void> => {
  const lines = visits.map((one) => JSON.stringify({ at: NINE, user: 'u', ms: 1, ...one }));
  const { status } = await world.post('/events/visit', lines.join('\n'), NDJSON);
  if (status !== 202) throw new Error(`Expected 202, got ${status}`);
};
/** A question's answer, with its cut. */
export const ask = async (query: string, metric = 'visits') => {
  const { body } = await world.get(`/metrics/${metric}?${query}`, {});
  const { cut } = body.provenance as { readonly cut?: string | null };
  return { rows: body.rows, cut };
};

/** A list of events, or with `list=values` of values. */
export const explain = async <R = ExplainedEvents>(query: string, name = 'visits') => {
  const { status, body, text, headers } = await world.get(`/metrics/${name}/explain?${query}`, {});
  return { status, text, headers, body: body as unknown as R, detail: body.detail };
};
export const idsOf = ({ body }: { readonly body: ExplainedEvents }) => body.events.map(({ id, place }) => `${id} ${place}`);
