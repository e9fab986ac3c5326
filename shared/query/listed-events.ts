import { z } from 'zod';

/** An event as it is stored. */
export const LISTED_EVENT = z.object({
  id: z.string(),
  source: z.string(),
  time: z.iso.datetime().describe('Its own.'),
  epoch: z.iso.datetime().describe('When it arrived, rounded down to the epoch.'),
  place: z.object({ shard: z.string(), seq: z.string(), line: z.int() }).describe('In the log.'),
  data: z.record(z.string(), z.unknown()),
});
export const NEWEST_EVENTS = z.object({
  events: z.array(LISTED_EVENT).describe('The newest first, by when they arrived. Raw: duplicates and excluded ones are among them.'),
  cursor: z.string().nullable().describe('For older ones; null if there are none. A page may be empty if those that match are older than a call reaches.'),
  back: z.iso.datetime().nullable().describe('The epoch of the oldest event that was looked at; null if there was none.'),
});
export type NewestEvents = z.infer<typeof NEWEST_EVENTS>;
