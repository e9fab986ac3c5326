import { z } from 'zod';
import { canonicalTime } from '../definition/times.ts';
import { LIMITS } from '../ingest/submitted.ts';
import type { Exclusion } from '../log/exclusion.ts';
import type { StoredExclusion } from './exclusions.ts';

/** Limits of the batch layer's SQL, of which Athena takes 256 KB: an id is 36 bytes there, twice in a query. */
export const MAX_EXCLUSIONS = 100;
export const MAX_EXCLUDED_IDS = 1_000;

/** An exclusion has to fit into one cell. */
const MAX_IDS_BYTES = 250_000;

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    // The same replacement as in stored events.
    .transform((value) => value.replace(/\p{Surrogate}/gu, '\ufffd'));
const time = z.string().transform((value, context) => {
  const canonical = canonicalTime(value);
  if (canonical !== null) return canonical.text;
  context.addIssue(`Expected an RFC 3339 time with a zone, such as 2015-09-12T00:46:58.771Z, got '${value.slice(0, 100)}'`);
  return z.NEVER;
});

/** The body of POST /exclusions: single events by id, or those in a range of event times. */
export const EXCLUSION_REQUEST = z
  .strictObject({
    source: text(LIMITS.source).describe('The source of the events; /events/{type} for events that were posted as plain JSON.'),
    type: text(128).optional().describe('Only events of this type; by default of every type.'),
    ids: z.array(text(LIMITS.id)).min(1).max(MAX_EXCLUDED_IDS).optional().describe('Single events by id.'),
    from: time.optional().describe('Events whose event time is at or after this.'),
    to: time.optional().describe('Events whose event time is before this.'),
    note: z.string().max(1_000).optional().describe('Why; shown in the list.'),
  })
  .superRefine(({ ids, from, to }, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (ids !== undefined && (from !== undefined || to !== undefined)) issue('ids', 'Expected either ids, or from and to, got both');
    const bytes = Buffer.byteLength(JSON.stringify(ids ?? []));
    if (bytes > MAX_IDS_BYTES) issue('ids', `Expected ids of at most ${MAX_IDS_BYTES} bytes as JSON, got ${bytes}`);
    if (ids === undefined && (from === undefined || to === undefined)) issue('ids', 'Expected ids, or both from and to');
    if (from !== undefined && to !== undefined && from >= to) issue('to', `Expected a time after from, ${from}, got ${to}`);
  });

export const exclusionOf = ({ source, type, ids, from = '', to = '' }: z.infer<typeof EXCLUSION_REQUEST>): Exclusion => ({
  source,
  type: type ?? null,
  events: ids === undefined ? { from, to } : { ids: [...new Set(ids)] },
});

export const EXCLUSION_ID = /^x\d{6,12}$/;

/** How far each layer has applied it. */
export const EXCLUSION_STATES = ['pending', 'partial', 'applied', 'undoing', 'undone'] as const;
export const EXCLUSION = z.object({
  id: z.string().meta({ examples: ['x000001'] }),
  state: z
    .enum(EXCLUSION_STATES)
    .describe(
      'pending: answers still include its events. partial: the batch layer leaves them out. applied: all answers leave them out. undoing: some answers still leave them out. undone: none does.',
    ),
  source: z.string(),
  type: z.string().nullable(),
  ids: z.array(z.string()).nullable(),
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  note: z.string().nullable(),
  createdAt: z.iso.datetime(),
  removedAt: z.iso.datetime().nullable(),
  speedFrom: z.iso.datetime().describe('The speed layer leaves out events that arrive from then on.'),
  speedTo: z.iso.datetime().nullable().describe('The end of that, if it was withdrawn.'),
  generation: z
    .string()
    .optional()
    .meta({ description: 'The generation that completes the change.', examples: ['g000041'] }),
});

/** The state of the active generation. */
interface Applied {
  readonly horizonMs: number;
  readonly exclusions: readonly { readonly id: string }[];
}

export const describeExclusion = (
  { id, source, type, events, note, createdAtMs, removedAtMs, epochs }: StoredExclusion,
  active: Applied,
): z.infer<typeof EXCLUSION> => ({
  id,
  state: stateOf(id, epochs, active),
  source,
  type,
  ids: 'ids' in events ? [...events.ids] : null,
  from: 'ids' in events ? null : events.from,
  to: 'ids' in events ? null : events.to,
  note,
  createdAt: new Date(createdAtMs).toISOString(),
  removedAt: removedAtMs === null ? null : new Date(removedAtMs).toISOString(),
  speedFrom: new Date(epochs.fromMs).toISOString(),
  speedTo: epochs.toMs === null ? null : new Date(epochs.toMs).toISOString(),
});

const stateOf = (id: string, { fromMs, toMs }: StoredExclusion['epochs'], { horizonMs, exclusions }: Applied): (typeof EXCLUSION_STATES)[number] => {
  const isInBatch = exclusions.some((one) => one.id === id);
  if (toMs !== null) return !isInBatch && (horizonMs >= toMs || fromMs >= toMs) ? 'undone' : 'undoing';
  if (!isInBatch) return 'pending';
  return horizonMs >= fromMs ? 'applied' : 'partial';
};
