import { decimal, type Event, event } from 'twinstream';
import { z } from 'zod';

/** Events that the type tests speak of. */
export const edit = event(
  z.object({
    time: z.iso.datetime(),
    page: z.string(),
    user: z.string().nullish(),
    added: z.int(),
    score: z.number(),
    price: decimal(2),
    status: z.enum(['open', 'paid']),
    isRobot: z.boolean(),
    tags: z.array(z.string()),
    geo: z.object({ country: z.string().optional() }).optional(),
  }),
  { time: 'time', subject: 'page', id: 'page' },
);
export const order = event(z.object({ at: z.int(), price: z.int(), page: z.int(), paid: z.boolean() }), { time: 'at' });

export const basket = event(
  z.object({
    at: z.iso.datetime(),
    country: z.string(),
    codes: z.array(z.int()).optional(),
    flags: z.array(z.boolean()),
    pairs: z.array(z.tuple([z.string(), z.int()])),
    cart: z.object({ labels: z.array(z.enum(['a', 'b'])) }),
    items: z
      .array(
        z.object({
          sku: z.string(),
          price: decimal(2),
          quantity: z.int(),
          isGift: z.boolean().nullish(),
          options: z.array(z.string()),
          product: z.object({ name: z.string() }).nullable(),
        }),
      )
      .default([]),
  }),
  { time: 'at' },
);

const schema = z.object({ time: z.iso.datetime(), page: z.string(), isRobot: z.boolean() });
/** A name that editors show instead of the schema. */
interface Edit extends Event<typeof schema> {}
export const named: Edit = event(schema, { time: 'time' });
