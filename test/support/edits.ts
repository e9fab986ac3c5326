import { z } from 'zod';
import { count, definePipeline, event, latest, max, mean, metric, min, quantiles, sum, top, uniques } from '../../shared/pipeline.ts';
import { type System, system } from './system.ts';

const edit = event(z.object({ at: z.iso.datetime(), page: z.string(), channel: z.string().optional(), robot: z.boolean(), size: z.int(), user: z.string() }), {
  time: 'at',
});
const dimensions = { channel: edit.channel, robot: edit.robot, size: edit.size };
const measures = { edits: count(), added: sum(edit.size), usual: mean(edit.size), least: min(edit.size), most: max(edit.page), editors: uniques(edit.user) };
const lists = { sizes: quantiles(edit.size), pages: top(edit.page), last: latest(edit.page) };
export const pipeline = definePipeline({
  events: { edit },
  metrics: { edits: metric(edit, { dimensions, measures: { ...measures, ...lists } }), slow: metric(edit, { window: '1h', measures: { edits: count() } }) },
});

export const NOW = '2026-11-21T10:00:30.000Z';
const at = (time: string, channel: string | undefined, robot: boolean, size: number, page: string, user: string) => ({
  at: time,
  channel,
  robot,
  size,
  page,
  user,
});
/** Edits of several channels, days and sizes, one without a channel. */
export const EVENTS = [
  at('2015-09-12T00:00:00.000Z', 'en', false, 10, 'A', 'u1'),
  at('2015-09-12T00:00:59.999Z', 'en', false, 20, 'B', 'u2'),
  at('2015-09-12T00:59:00.000Z', 'de', true, -5, 'A', 'u1'),
  at('2015-09-12T13:00:00.000Z', undefined, false, 7, 'A, "quoted"', 'u3'),
  at('2015-09-12T23:30:00.000Z', 'fr,be', true, 0, 'C', 'u1'),
  at('2015-10-01T00:00:00.000Z', 'en', false, 1, 'D', 'u4'),
];

/** Edits of one day in a system, taken by the speed layer, by the batch layer, or by half of each. */
export const editsFrom = async (side: string): Promise<System> => {
  const world = await system({ pipeline, shards: 2, startMs: Date.parse(NOW) });
  const post = (events: readonly object[]) =>
    world.post('/events/edit', JSON.stringify(events), { 'idempotency-key': `${EVENTS.indexOf(events[0] as (typeof EVENTS)[number])}` });
  await post(side === 'both' ? EVENTS.slice(0, 3) : EVENTS);
  // A request is in one shard; both have come so far.
  await world.heartbeat();
  await world.drain();
  if (side !== 'speed') await world.publish();
  if (side === 'both') await post(EVENTS.slice(3));
  await world.drain();
  return world;
};
