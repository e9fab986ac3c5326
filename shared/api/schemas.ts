import { z } from 'zod';
import { ERRORS } from '../query/describe.ts';
import { EVERY } from '../request/steps.ts';

/** Response schemas that are in no other file; the OpenAPI document is made from them. */

const detail = z.object({ index: z.int().optional().describe('The position of the event in the request.'), path: z.string().optional(), message: z.string() });
export const ACCEPTED = z.object({ accepted: z.int(), rejected: z.int(), errors: z.array(detail) });
/** RFC 9457: a problem may say more. */
export const PROBLEM = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(detail).optional(),
  accepted: z.int().optional(),
  rejected: z.int().optional(),
});
export const REINDEX_STARTED = z.object({ entities: z.array(z.string()).describe('Those whose index will be rebuilt.') });
const HASH = '0123456789ab';
const generation = z.string().meta({ examples: ['g000041'] });
export const ANSWER = z.object({
  metric: z.string(),
  definition: z.string().meta({ description: 'The hash of the definition that was queried.', examples: [HASH] }),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  every: z.union([z.literal('all'), z.templateLiteral([z.int().min(1), z.enum(['m', 'h', 'd', 'w', 'mo', 'q', 'y'])])]),
  rounded: z
    .object({ from: z.iso.datetime().optional(), to: z.iso.datetime().optional(), measures: z.array(z.string()).optional() })
    .optional()
    .describe(
      'The relative range of the request, if it was rounded to windows of the metric; measures with a number that is not exact, unlike with numbers=text.',
    ),
  compare: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).optional().describe('The range that rows are compared with.'),
  rows: z.array(z.looseObject({ window: z.iso.datetime() })).describe('One per window and group: its dimensions, measures and formulas by name.'),
  totals: z.record(z.string(), z.unknown()).optional().describe('Over all groups and windows, whatever limit, top and having leave out.'),
  provenance: z.object({
    generation: generation.nullable(),
    horizon: z.iso.datetime().nullable().describe('What arrived before this comes from the batch layer.'),
    speedThrough: z.iso.datetime().nullable().describe('What arrived before this has been folded.'),
    windows: z.object({ batch: z.int(), speed: z.int() }),
    overflow: z.object({ events: z.int(), incomplete: z.array(z.string()) }).optional(),
    cut: z
      .string()
      .nullable()
      .optional()
      .describe('What the answer was read at, for GET /metrics/{name}/explain; null if so much was being written that it cannot be said.'),
    publishedAt: z.iso.datetime().nullable().optional().describe('With parts: when the generation was published.'),
    drift: z.int().nullable().optional().describe('With parts: by how many events the layers differed in what was new in the generation; expected 0.'),
    late: z.int().optional().describe('With parts: live events of the range whose stored window had ended before the horizon.'),
    frozen: z.iso.datetime().optional(),
  }),
  estimates: z.record(z.string(), z.number()).describe('Relative standard error of each estimated measure.'),
  undercounts: z.record(z.string(), z.number()).optional().describe('By how much a count of a top may be too low, and a sum off.'),
  outOfRange: z.record(z.string(), z.int()).optional().describe('How many values of a measure were out of range, and are in no row.'),
});
export const FOUND = z.object({
  total: z.int().describe('All that match.'),
  hits: z.array(
    z.object({
      key: z.string(),
      score: z.number().nullable().describe('Relevance; null if the answer has another order. Not comparable between engines.'),
      entity: z.record(z.string(), z.unknown()).describe('Its fields.'),
      highlights: z.record(z.string(), z.string()).describe('Searched fields as HTML, with what matches in <mark>.'),
    }),
  ),
  cursor: z.string().nullable().describe('For the next hits; null if there are none.'),
});
export const GENERATION = z.looseObject({
  id: generation,
  state: z.enum(['requested', 'running', 'published', 'failed', 'retired']),
  active: z.boolean(),
  repair: z.boolean().describe('It is recomputed from all raw lines.'),
  horizon: z.iso.datetime().nullable(),
  drift: z.int().nullable().describe('Events by which the layers differ, after subtracting differences of known cause, over all metrics; expected 0.'),
  waitsFor: z.string().nullable().optional().describe('What a requested or begun generation waits for; null if it is being built, or has ended.'),
});
export const GENERATIONS = z.object({
  active: generation.nullable(),
  generations: z.array(GENERATION),
  next: generation.nullable().describe('For `after`; null if no older ones are listed.'),
});

const column = z.object({ name: z.string(), kind: z.string() });
const VALUE = z.string().meta({ examples: ['page'] });
export const METRICS = z.object({
  metrics: z.array(
    z.object({
      name: z.string(),
      definition: z.string().meta({ description: 'Its hash, which changes when the metric is defined differently.', examples: [HASH] }),
      event: z.string(),
      each: z.string().optional().describe('The array whose items it counts, instead of events.'),
      window: z.string(),
      every: z.array(z.enum(EVERY)).describe('The windows that can be queried.'),
      where: z
        .string()
        .meta({ description: 'Only events for which it holds count.', examples: ['isNew'] })
        .optional(),
      first: z.iso.datetime().nullable().describe('The earliest time of an event of this type that arrived; null if none did.'),
      last: z.iso.datetime().nullable().describe('The latest.'),
      dimensions: z.array(column.extend({ value: VALUE.describe('What it is of an event.') })),
      measures: z.array(
        column.extend({
          value: VALUE.optional().describe('What it takes of an event.'),
          where: z
            .string()
            .meta({ description: 'Only events for which it holds count in it.', examples: ['status >= 500'] })
            .optional(),
          by: z
            .string()
            .meta({ description: 'What it ranks values by, if not by their counts.', examples: ['sum(price)'] })
            .optional(),
          error: z.enum(ERRORS).describe('How far an answer may be from the exact value.'),
          addsUp: z.literal(true).optional().describe('The answers of two ranges add up to that of both.'),
          of: z.string().optional().describe('The kind of values that it takes.'),
          standardError: z.number().optional().describe('Relative, of estimates.'),
          errorBound: z.number().optional().describe('Relative error that no answer exceeds.'),
        }),
      ),
      formulas: z
        .array(z.object({ name: z.string(), of: z.string().meta({ description: 'What it computes from measures.', examples: ['errors / requests'] }) }))
        .optional(),
      ready: z.boolean().describe('False while it is rebuilt from its history.'),
      unread: z.array(z.looseObject({})).optional().describe('Fields whose kind changed, and in how many stored events it can no longer read them.'),
    }),
  ),
  earlier: z
    .array(
      z.object({
        name: z.string(),
        definition: z.string().meta({ description: 'Its hash, which GET /metrics/{name}?definition= takes.', examples: [HASH] }),
        frozen: z.iso.datetime().optional().describe('Events that arrived later are not counted under it.'),
        until: z.string().describe('Until when it can be queried.'),
      }),
    )
    .optional()
    .describe('Definitions that the pipeline no longer has, but that can still be queried.'),
});

export const VALUES = z.object({
  metric: z.string(),
  dimension: z.string(),
  total: z.int().describe('All that match.'),
  values: z.array(z.object({ value: z.union([z.string(), z.number(), z.boolean(), z.null()]), count: z.int().describe('Events with it.') })),
  provenance: ANSWER.shape.provenance,
});

const part = z.looseObject({ status: z.enum(['ok', 'degraded', 'down']) });
export const HEALTH = z.object({
  status: z.enum(['ok', 'degraded', 'down']).describe('degraded: it needs attention, but its answers are right.'),
  parts: z.record(z.string(), part).describe('Each part’s status, and its lag or its error.'),
});
