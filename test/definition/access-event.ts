import { z } from 'zod';
import { DefinitionError, decimal, event } from '../../shared/pipeline.ts';

/** What the types refuse is refused again at load, since bundlers drop types. `loose` writes what a JavaScript user may. */
export const loose = (value: unknown): never => value as never;
export type Loose = { readonly [name: string]: never };
export const untypedOf = (value: unknown): Loose => value as Loose;
export const schema = z.object({
  time: z.iso.datetime(),
  method: z.string(),
  path: z.string(),
  price: decimal(2),
  bytes: z.int(),
  isBot: z.boolean(),
  geo: z.object({ country: z.string() }),
});
export const accessEvent = () => event(schema, { time: 'time' });
export type Access = ReturnType<typeof accessEvent>;
export const order = event(z.object({ at: z.string(), price: z.int() }), { time: 'at' });

export const messageOf = (define: () => unknown): string => {
  try {
    define();
  } catch (error) {
    if (error instanceof DefinitionError) return error.message;
    throw error;
  }
  return 'no error';
};
