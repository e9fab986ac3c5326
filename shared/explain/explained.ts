import { z } from 'zod';
import type { MetricDefinition } from '../definition/definition.ts';
import { fieldsOf } from '../sql/fields.ts';
import type { ListedEvent } from './listed-event.ts';

/** What GET /metrics/{name}/explain answers. */
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const shown = z.object({
  metric: z.string(),
  definition: z.string(),
  from: z.iso.datetime().describe('What the number covers.'),
  to: z.iso.datetime(),
  group: z.record(z.string(), scalar).optional(),
  measure: z.string().optional(),
  value: scalar.optional(),
  reads: z.array(z.string()).describe('The fields that the metric reads: the data of events have only these.'),
});
export const EXPLAINED_EVENT = z.object({
  place: z.enum(['batch', 'live']).describe('The layer that counted it for this number.'),
  id: z.string(),
  source: z.string(),
  time: z.iso.datetime().describe('Its own.'),
  epoch: z.iso.datetime().describe('When it arrived, rounded down to the epoch.'),
  at: z.object({ shard: z.string(), seq: z.string(), line: z.int() }).describe('In the log.'),
  data: z.record(z.string(), z.unknown()),
  items: z.int().describe('How often it counts: more than once only if the metric counts items of an array.'),
  value: scalar.optional().describe('With a measure: what it takes of the event.'),
});
export type ExplainedEvent = z.infer<typeof EXPLAINED_EVENT>;
export const EXPLAINED_EVENTS = shown.extend({
  total: z.int().describe('Events on all pages.'),
  batch: z.int(),
  live: z.int(),
  items: z.int().describe('How often they count.'),
  events: z.array(EXPLAINED_EVENT).describe('The newest first, by when they arrived.'),
  cursor: z.string().nullable().describe('For older ones; null if there are none.'),
});
export type ExplainedEvents = z.infer<typeof EXPLAINED_EVENTS>;
export const EXPLAINED_VALUES = shown.extend({
  total: z.int().describe('How many values.'),
  values: z.array(z.object({ value: scalar, events: z.int() })).describe('The most frequent first.'),
});
export type ExplainedValues = z.infer<typeof EXPLAINED_VALUES>;

/** The fields that a definition reads, with dots for those inside of others. */
export const readsOf = (definition: MetricDefinition): string[] => [...new Set(fieldsOf(definition).map(({ path }) => path.join('.')))].sort();

export const shownEvent = (event: ListedEvent, hasMeasure: boolean): ExplainedEvent => {
  const { place, id, source, time, epochMs, shard, seq, line, data, items, value } = event;
  return {
    ...{ place, id, source, time, epoch: new Date(epochMs).toISOString(), at: { shard, seq, line } },
    data,
    items,
    ...(hasMeasure ? { value: value as ExplainedEvent['value'] } : {}),
  };
};
