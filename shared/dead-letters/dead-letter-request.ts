import { z } from 'zod';
import { DEAD_LETTER_CONSUMERS, type DeadLetter } from '../ports/dead-letters.ts';
import { OUTCOMES } from './replay-dead-letters.ts';

/** The body of POST /dead-letters/replay; all dead letters by default. */
export const DEAD_LETTERS_REQUEST = z.strictObject({
  consumer: z.enum(DEAD_LETTER_CONSUMERS).optional(),
  ids: z.array(z.string().max(512)).max(1_000).optional().describe('Dead letters by id.'),
});

const DEAD_LETTER = z.object({
  id: z.string(),
  consumer: z.enum(DEAD_LETTER_CONSUMERS),
  shard: z.string(),
  first: z.string().describe('The sequence number of its first record.'),
  last: z.string().describe('The sequence number of its last record.'),
  records: z.int(),
  reason: z.string(),
  attempts: z.int(),
  error: z.string().nullable(),
  buriedAt: z.iso.datetime(),
  firstArrivedAt: z.iso.datetime(),
  lastArrivedAt: z.iso.datetime(),
});
export const DEAD_LETTERS = z.object({
  consumers: z.record(z.string(), z.object({ letters: z.int(), records: z.int(), reasons: z.record(z.string(), z.int()) })),
  letters: z.array(DEAD_LETTER),
});
export const DEAD_LETTERS_REPLAYED = z.object({
  replayed: z.int().describe('Dead letters that were replayed or repaired, and are no longer listed.'),
  remaining: z.int().describe('Dead letters that were tried, and are still listed.'),
  generation: z.string().nullable().describe('The generation that counts what was written to the lake; null if nothing was.'),
  more: z.boolean().describe('Whether some were not tried, since the time for an answer was over: call again.'),
  letters: z.array(
    z.object({
      id: z.string(),
      consumer: z.enum(DEAD_LETTER_CONSUMERS),
      outcome: z
        .enum(OUTCOMES)
        .describe(
          'healed: the batch layer counts its events. recovered: they are in the lake, and the next generation counts them. folded: they are in their entities. waits: the batch layer will count them without further action. stays: see detail.',
        ),
      detail: z.string(),
    }),
  ),
});

const iso = (ms: number): string => new Date(ms).toISOString();
export const describeDeadLetter = ({ buriedAtMs, firstArrivedAtMs, lastArrivedAtMs, ...deadLetter }: DeadLetter): z.infer<typeof DEAD_LETTER> => ({
  ...deadLetter,
  buriedAt: iso(buriedAtMs),
  firstArrivedAt: iso(firstArrivedAtMs),
  lastArrivedAt: iso(lastArrivedAtMs),
});
