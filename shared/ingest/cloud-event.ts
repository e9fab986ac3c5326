import { z } from 'zod';
import { short } from './json-kinds.ts';
import { LIMITS } from './submitted.ts';

const text = (limit: number) => z.string().min(1).max(limit);

/** Whether data of this content type is JSON (JSON format 1.0.2, section 3.1): the subtype is json, or ends in +json. */
export const isJsonType = (contentType: string): boolean => /^[^/;\s]+\/([^;\s]+\+)?json\s*(;|$)/i.test(contentType.trim());

/** A CloudEvents 1.0 envelope in JSON, with its extension attributes. */
export const CLOUD_EVENT = z.looseObject({
  specversion: z.literal('1.0', 'Expected "1.0", as CloudEvents have it; plain JSON objects go to POST /events/{type}'),
  id: text(LIMITS.id),
  source: text(LIMITS.source),
  type: text(128),
  subject: z.string().min(1).optional(),
  time: z.string().optional(),
  datacontenttype: z
    .string()
    .refine(isJsonType, { error: ({ input }) => `Expected a JSON content type, got ${short(input)}` })
    .optional(),
  dataschema: z.string().max(LIMITS.source).optional(),
  data: z.unknown().optional(),
  data_base64: z.base64().optional(),
});
/** The attributes of an envelope that are set: null means unset (CloudEvents JSON format 1.0.2, section 2.2). */
export const attributesSet = (envelope: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(envelope).filter(([name, value]) => value !== null || name === 'data'));

export type CloudEvent = z.infer<typeof CLOUD_EVENT>;

const OWN = new Set(Object.keys(CLOUD_EVENT.shape));
const EXTENSION = /^[a-z0-9]{1,64}$/;

/** Extension attributes, such as traceparent; others that the specification does not allow are left out. */
export const extensionsOf = (event: CloudEvent): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(event).filter((entry): entry is [string, string | number | boolean] => {
      const [name, value] = entry;
      return !OWN.has(name) && EXTENSION.test(name) && ['string', 'number', 'boolean'].includes(typeof value);
    }),
  );
