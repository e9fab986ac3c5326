import { z } from 'zod';

/** From well to down, each worse than the one before. */
export const STATES = ['well', 'quiet', 'behind', 'batch-late', 'rejects', 'drift', 'down'] as const;
export type State = (typeof STATES)[number];

const time = z.iso.datetime();
/** What GET /status answers: the facts, and what a person makes of them. */
export const STATUS = z.object({
  at: time.describe('When this was read.'),
  state: z.enum(STATES).describe('The worst that holds.'),
  sentence: z.string().meta({ description: 'The same in words; times in UTC.', examples: ['Nothing has come for 12 minutes.'] }),
  advice: z.string().nullable().describe('What to do; null if nothing has to be done.'),
  events: z.object({
    total: z.int().describe('That the speed layer ever folded, without duplicates and excluded ones.'),
    since: time.nullable().describe('When the first of them arrived.'),
    lastArrival: time.nullable().describe('When the last of them arrived.'),
    first: time.nullable().describe('The earliest time of an event.'),
    last: time.nullable().describe('The latest time of an event.'),
    perSecond: z.number().describe('Lately, over some 30 seconds.'),
    usualGapMs: z.int().nullable().describe('The usual time between two requests with events; null if that is not known yet.'),
    quietAfterMs: z.int().describe('Silence for longer than this is unusual.'),
  }),
  lag: z.object({
    ms: z.int().nullable().describe('Of the slowest shard; null if one has not begun.'),
    limitMs: z.int().describe('More than this is too much. An idle shard lags by the time since its last heartbeat.'),
    through: time.nullable().describe('Everything that arrived before has been folded.'),
    shards: z.array(z.object({ shard: z.string(), through: time.nullable(), lagMs: z.int().nullable() })),
  }),
  batch: z.object({
    generation: z
      .string()
      .meta({ examples: ['g000041'] })
      .nullable(),
    horizon: time.nullable().describe('The boundary of the layers in answers.'),
    wholeUntil: time.nullable().describe('The batch layer has everything that arrived before: the horizon, or later if nothing came since.'),
    lateAfterMs: z.int().describe('If that is longer ago, the batch layer is late.'),
    expired: z
      .boolean()
      .describe('Cells of what came since may have expired: queries answer 503 batch-behind until the next generation. Never on one machine.'),
    next: time.nullable().describe('The horizon that the next generation can have.'),
    heldBackBy: z.string().nullable().describe('The shard whose raw lines are missing in the lake; null if nothing holds the horizon back.'),
    stepMs: z.int().describe('The horizon moves by so much.'),
    nextRun: time.nullable().describe('When the next run is expected; null if none is known.'),
    lastFailure: z
      .object({ since: time, times: z.int(), error: z.string(), nextTry: time })
      .nullable()
      .describe('Of the runs since the last one that published; null if none failed.'),
  }),
  drift: z
    .object({
      generation: z.string(),
      publishedAt: time.nullable(),
      events: z.int().describe('By which the layers differ in the active generation, over all metrics; expected 0.'),
      metrics: z.array(z.object({ metric: z.string(), events: z.int().describe('Speed minus batch.') })).describe('The metrics that differ.'),
    })
    .nullable(),
  quarantine: z
    .object({
      rejected: z.int().describe('Entries of the last ten minutes.'),
      waiting: z.int().describe('All that wait, identical ones once.'),
      more: z.boolean().describe('Whether there are more than were counted.'),
    })
    .nullable()
    .describe('Null on AWS, where counting would read the files of the quarantine: the figure rejected_events is in CloudWatch.'),
  down: z.array(z.object({ part: z.string(), error: z.string().nullable() })).describe('Parts that are down, as in GET /health.'),
});
export type Status = z.infer<typeof STATUS>;
/** All but the words. */
export type Facts = Omit<Status, 'state' | 'sentence' | 'advice'>;
