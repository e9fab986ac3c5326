import { z } from 'zod';

/** The body of POST /recompute. */
export const RECOMPUTE_REQUEST = z.strictObject({
  through: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('The generation holds all that arrived before this time, by default now: it waits until the horizon has passed it.'),
  repair: z
    .boolean()
    .optional()
    .describe('Whether it is computed anew from all raw lines, which makes damaged files good. Without `through` it does not wait.'),
});
