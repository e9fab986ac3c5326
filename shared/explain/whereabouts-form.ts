import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const at = z.object({ shard: z.string(), seq: z.string(), line: z.int(), epoch: z.iso.datetime() });
/** How a metric counts an event. */
const inMetric = z.object({
  metric: z.string(),
  counts: z.boolean().describe("False if the metric's where leaves it out, or there is no item to count."),
  window: z.iso.datetime().optional().describe('The stored window in which it counts.'),
  groups: z.array(z.record(z.string(), scalar)).optional().describe('The groups in which it counts.'),
  items: z.int().optional().describe('How often it counts: more than once only if the metric counts items of an array.'),
});
export const FOUND_EVENT = z.object({
  state: z
    .enum(['counted', 'duplicate', 'excluded', 'filtered', 'pending', 'quarantined'])
    .describe(
      'filtered: no metric counts it. pending: it is in the log, and not folded yet. quarantined: it was rejected, or, at a place in the log, could not be folded.',
    ),
  place: z.enum(['batch', 'live', 'log', 'quarantine']),
  source: z.string().nullable().describe('Null if a rejected event has none that can be read.'),
  time: z.string().nullable(),
  at: at.nullable().describe('In the log; null for a rejected event.'),
  of: at.nullable().optional().describe('Of a duplicate: the copy before it; null if that arrived before what could be read.'),
  exclusion: z.string().optional(),
  reason: z.string().optional().describe('Why it was rejected.'),
  errors: z.array(z.object({ index: z.int().optional(), path: z.string().optional(), message: z.string() })).optional(),
  entry: z.string().optional().describe('Its entry in the quarantine.'),
  metrics: z.array(inMetric).optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
export type FoundEvent = z.infer<typeof FOUND_EVENT>;
/** What GET /events/{type}/{id} answers. */
export const WHEREABOUTS = z.object({
  type: z.string(),
  id: z.string(),
  found: z.array(FOUND_EVENT).describe('Every copy, the newest first; rejected ones last.'),
  more: z.boolean().describe('Whether there may be others: the quarantine is too large to be read in one call, or there are too many copies.'),
});
export type Whereabouts = z.infer<typeof WHEREABOUTS>;
