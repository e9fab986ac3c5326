import { z } from 'zod';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

export const pipelineOf = (n: z.ZodType) => {
  const hit = event(z.object({ at: z.iso.datetime(), n: n as z.ZodInt }), { time: 'at' });
  return definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count(), n: sum(hit.n) } }) } });
};
/** It takes small numbers; the fix takes all. */
const strict = pipelineOf(z.int().max(9));
export const fixed = pipelineOf(z.int());
const NOW = Date.parse('2026-11-21T10:00:30.000Z');
export const HOUR = 3_600_000;
export const at = '2026-11-21T09:00:00.000Z';
export const NDJSON = { 'content-type': 'application/x-ndjson' };

export let world: System;
beforeEach(async () => {
  world = await system({ pipeline: strict, shards: 1, startMs: NOW });
});
afterEach(() => world.close());
export const post = (body: string, headers: Record<string, string> = {}) => world.post('/events/hit', body, { ...NDJSON, ...headers });
export const line = (n: number | string) => JSON.stringify({ at, n });
export const listed = async (query: string) => (await world.get(`/quarantine?${query}`, {})).body.events.map(({ body }) => body);
export const replay = async (request: object) => (await world.post('/quarantine/replay', JSON.stringify(request), {})).body;
export const totals = async () => {
  await world.drain();
  return (await world.get('/metrics/hits?from=2026-11-01&to=2026-12-01', {})).body.rows.map(({ hits, n }) => [hits, n]);
};
