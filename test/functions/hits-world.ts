import { z } from 'zod';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

const hit = () => event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
export const pipelineOf = (window: '1m' | '5m') => {
  const one = hit();
  return definePipeline({ events: { hit: one }, metrics: { hits: metric(one, { window, measures: { hits: count(), n: sum(one.n) } }) } });
};
export const [before, after] = [pipelineOf('1m'), pipelineOf('5m')];
export const NOW = Date.parse('2026-11-21T10:00:30.000Z');
export const QUERY = '/metrics/hits?from=2026-11-20&to=2026-11-22';

export let world: System;
beforeEach(async () => {
  world = await system({ pipeline: before, shards: 2, startMs: NOW });
});
afterEach(() => world.close());
export const post = async (key: string, ...numbers: readonly number[]) => {
  await world.post('/events/hit', JSON.stringify(numbers.map((n) => ({ at: '2026-11-21T09:00:00.000Z', n }))), { 'idempotency-key': key });
  await world.drain();
};
export const hits = async (query = '') => {
  const { body } = await world.get(QUERY + query, {});
  return [body.rows[0]?.hits, body.provenance.windows, body.provenance.generation];
};
export const list = async () => (await world.get('/generations', {})).body;
