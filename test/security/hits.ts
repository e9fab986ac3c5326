import { z } from 'zod';
import { count, definePipeline, entity, event, latest, metric, sum, top, uniques } from '../../shared/pipeline.ts';

const hit = event(z.object({ at: z.iso.datetime(), name: z.string(), n: z.int() }), { time: 'at', subject: 'name' });
export const pipeline = definePipeline({
  events: { hit },
  metrics: {
    hits: metric(hit, {
      window: '1h',
      dimensions: { name: hit.name },
      measures: { hits: count(), n: sum(hit.n), last: latest(hit.name), names: uniques(hit.name), tops: top(hit.name) },
    }),
  },
  entities: { thing: entity(hit, { key: hit.name, fields: { name: latest(hit.name), hits: count() }, search: ['name'] }) },
});

export const NOW = Date.parse('2026-11-21T10:00:30Z');
export const AT = '2026-11-21T09:00:00.000Z';
export const JSON_TYPE = { 'content-type': 'application/json' };
/** Nothing that was sent has changed what every object has. */
export const unpolluted = () => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
};
