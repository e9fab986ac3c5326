import { z } from 'zod';
import type { Kind } from '../definition/kinds.ts';

/** The schema of a value of a kind, as it appears in answers. */
export const valueSchema = (kind: Kind | null): z.ZodType => {
  if (kind === 'text') return z.string();
  if (kind === 'boolean') return z.boolean();
  return kind === 'integer' ? z.int() : z.number();
};
