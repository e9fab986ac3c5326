import { z } from 'zod';
import { type DeadLetter, LETTER_CONSUMERS } from '../ports/dead-letters.ts';
import { OUTCOMES } from './replay-dead-letters.ts';

/** The body of POST /dead-letters/replay; all letters by default. */
export const LETTERS_REQUEST = z.strictObject({
  consumer: z.enum(LETTER_CONSUMERS).optional(),
  ids: z.array(z.string().max(512)).max(1_000).optional().describe('Letters by id.'),
});

const LETTER = z.object({
  id: z.string(),
  consumer: z.enum(LETTER_CONSUMERS),
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
export const LETTERS = z.object({
  consumers: z.record(z.string(), z.object({ letters: z.int(), records: z.int(), reasons: z.record(z.string(), z.int()) })),
  letters: z.array(LETTER),
});
export const LETTERS_REPLAYED = z.object({
  replayed: z.int().describe('Letters that were made good and dropped.'),
  remaining: z.int().describe('Letters that are still listed.'),
  generation: z.string().nullable().describe('The generation that counts what stands in the lake now; null where nothing was written there.'),
  letters: z.array(
    z.object({
      id: z.string(),
      consumer: z.enum(LETTER_CONSUMERS),
      outcome: z
        .enum(OUTCOMES)
        .describe(
          'healed: the batch layer counts its events. recovered: they stand in the lake, and the next generation counts them. folded: they are in their entities. waits: the batch layer will count them by itself. stays: see detail.',
        ),
      detail: z.string(),
    }),
  ),
});

const iso = (ms: number): string => new Date(ms).toISOString();
export const describeLetter = ({ buriedAtMs, firstArrivedAtMs, lastArrivedAtMs, ...letter }: DeadLetter): z.infer<typeof LETTER> => ({
  ...letter,
  buriedAt: iso(buriedAtMs),
  firstArrivedAt: iso(firstArrivedAtMs),
  lastArrivedAt: iso(lastArrivedAtMs),
});
