import { z } from 'zod';

/** The body of POST /recompute. */
export const RECOMPUTE_REQUEST = z.strictObject({
  through: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('The generation includes everything that arrived before this time, by default now: it waits until the horizon has passed it.'),
  repair: z
    .boolean()
    .optional()
    .describe('Whether to recompute everything from the raw lines, which repairs damaged files. Without `through` it does not wait.'),
});
