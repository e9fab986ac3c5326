import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { REASONS, type Rejection } from './submitted.ts';

/** An entry of the quarantine: a rejected event, request or record with its reason, as it came, ready to be replayed. */
export const QUARANTINE_ENTRY = z.object({
  id: z.string().describe('Identifies what was rejected: the same bytes, sent again, are the same entry.'),
  receivedAt: z.iso.datetime(),
  reason: z.enum(REASONS),
  errors: z.array(z.object({ index: z.int().optional(), path: z.string().optional(), message: z.string() })),
  type: z.string().nullable().describe('The event type of the path; null for CloudEvents and records.'),
  headers: z.record(z.string(), z.string()).describe('Headers that are needed to read the body.'),
  fallbackId: z.string().nullable().describe('The id that an event gets if it has none, so that a second replay changes nothing.'),
  encoding: z.enum(['utf8', 'base64']),
  body: z.string().describe('The original bytes.'),
  truncated: z.boolean().describe('Whether bytes past 512 KB are missing; then it cannot be replayed.'),
});
/** An entry as it is listed: how often the same bytes were rejected. */
export const LISTED_ENTRY = QUARANTINE_ENTRY.extend({
  errors: z.array(
    QUARANTINE_ENTRY.shape.errors.element.extend({
      code: z.string().describe('What is wrong, for programs.'),
      hint: z.string().describe('What to do about it.'),
    }),
  ),
  times: z.int(),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
});
export type ListedEntry = z.infer<typeof LISTED_ENTRY>;
export type QuarantineEntry = z.infer<typeof QUARANTINE_ENTRY>;

const MAX_BODY_BYTES = 512 * 1024;
/** If its JSON is longer than this, text is stored in base64, which is then shorter: control characters take six bytes each in JSON. An entry stays below 1,000 KB. */
const MAX_JSON_BYTES = 700_000;
const MAX_ERROR_LENGTH = 1_000;

export const quarantineEntry = (
  { reason, errors }: Rejection,
  original: Uint8Array,
  nowMs: number,
  { type, headers, fallbackId }: Pick<QuarantineEntry, 'type' | 'headers' | 'fallbackId'>,
): QuarantineEntry => {
  const truncated = original.length > MAX_BODY_BYTES;
  const bytes = Buffer.from(original.buffer, original.byteOffset, Math.min(original.length, MAX_BODY_BYTES));
  const text = bytes.toString('utf8');
  const isText = !truncated && Buffer.from(text).equals(bytes) && Buffer.byteLength(JSON.stringify(text)) <= MAX_JSON_BYTES;
  const cut = (part: string) => part.slice(0, MAX_ERROR_LENGTH);
  return {
    id: randomUUID(),
    receivedAt: new Date(nowMs).toISOString(),
    reason,
    errors: errors.map(({ index, path, message }) => ({
      ...(index === undefined ? {} : { index }),
      ...(path === undefined ? {} : { path: cut(path) }),
      message: cut(message),
    })),
    type,
    headers,
    fallbackId,
    encoding: isText ? 'utf8' : 'base64',
    body: isText ? text : bytes.toString('base64'),
    truncated,
  };
};

/**
 * An entry for what a client sent, named by its bytes: a client that retries what can never be accepted does not fill the
 * quarantine, and a replay counts it once.
 */
export const sentEntry = (...of: Parameters<typeof quarantineEntry>): QuarantineEntry => {
  const [, original, , { type, headers, fallbackId }] = of;
  const id = createHash('sha256')
    .update(JSON.stringify([type, headers, fallbackId]))
    .update(original)
    .digest('hex')
    .slice(0, 32);
  return { ...quarantineEntry(...of), id };
};

export const encodeEntry = (entry: QuarantineEntry): Uint8Array => Buffer.from(`${JSON.stringify(entry)}\n`);
export const originalOf = ({ encoding, body }: QuarantineEntry): Buffer => Buffer.from(body, encoding);
