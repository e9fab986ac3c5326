import { z } from 'zod';
import { EVERY } from '../request/steps.ts';

/** What the functions answer, as far as no other file says it: the OpenAPI document is made of these. */

const detail = z.object({ index: z.int().optional().describe('The place of the event in the request.'), path: z.string().optional(), message: z.string() });
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
export const REINDEX_STARTED = z.object({ entities: z.array(z.string()).describe('Those whose index is built anew.') });
const HASH = '0123456789ab';
const generation = z.string().meta({ examples: ['g000041'] });
export const ANSWER = z.object({
  metric: z.string(),
  definition: z.string().meta({ description: 'The hash of the definition that was asked.', examples: [HASH] }),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  every: z.union([z.literal('all'), z.templateLiteral([z.int().min(1), z.enum(['m', 'h', 'd', 'w', 'mo', 'q', 'y'])])]),
  rounded: z
    .object({ from: z.iso.datetime().optional(), to: z.iso.datetime().optional(), measures: z.array(z.string()).optional() })
    .optional()
    .describe(
      'The relative range that was asked for, where it was rounded to windows of the metric; measures of which a number is not exact, as numbers=text is.',
    ),
  rows: z.array(z.looseObject({ window: z.iso.datetime() })).describe('One a window and group: its dimensions and measures by name.'),
  provenance: z.object({
    generation: generation.nullable(),
    horizon: z.iso.datetime().nullable().describe('What arrived before comes from the batch layer.'),
    speedThrough: z.iso.datetime().nullable().describe('What arrived before has been folded.'),
    windows: z.object({ batch: z.int(), speed: z.int() }),
    overflow: z.object({ events: z.int(), incomplete: z.array(z.string()) }).optional(),
    frozen: z.iso.datetime().optional(),
  }),
  estimates: z.record(z.string(), z.number()).describe('Relative standard error of each estimated measure.'),
  undercounts: z.record(z.string(), z.int()).optional().describe('How much any count of a top may fall short.'),
  outOfRange: z.record(z.string(), z.int()).optional().describe('How many values of a measure were out of range, and are in no row.'),
});
export const FOUND = z.object({
  total: z.int().describe('All that match.'),
  hits: z.array(
    z.object({
      key: z.string(),
      score: z.number().nullable().describe('Relevance; null where the answer has another order. Not comparable between engines.'),
      entity: z.record(z.string(), z.unknown()).describe('Its fields.'),
      highlights: z.record(z.string(), z.string()).describe('Searched fields as HTML, with what matches in <mark>.'),
    }),
  ),
  cursor: z.string().nullable().describe('For the next hits; null where there are none.'),
});
export const GENERATION = z.looseObject({
  id: generation,
  state: z.enum(['requested', 'running', 'published', 'failed', 'retired']),
  active: z.boolean(),
  repair: z.boolean().describe('It is computed anew from all raw lines.'),
  horizon: z.iso.datetime().nullable(),
  drift: z.int().nullable().describe('Events by which the layers differ, net of named causes, over all metrics; expected 0.'),
  waitsFor: z.string().nullable().optional().describe('What one that was asked for or begun waits for; null where it is being made, or has ended.'),
});
export const GENERATIONS = z.object({
  active: generation.nullable(),
  generations: z.array(GENERATION),
  next: generation.nullable().describe('For `after`; null where no older ones are listed.'),
});

const column = z.object({ name: z.string(), kind: z.string() });
export const METRICS = z.object({
  metrics: z.array(
    z.object({
      name: z.string(),
      definition: z.string().meta({ description: 'Its hash: another one where the metric counts otherwise.', examples: [HASH] }),
      event: z.string(),
      window: z.string(),
      every: z.array(z.enum(EVERY)).describe('The windows that can be asked for.'),
      dimensions: z.array(column),
      measures: z.array(
        column.extend({
          of: z.string().optional().describe('The kind of values that it takes.'),
          standardError: z.number().optional().describe('Relative, of estimates.'),
          errorBound: z.number().optional().describe('Relative, which no answer exceeds.'),
        }),
      ),
      ready: z.boolean().describe('Not so while it is rebuilt from its history.'),
      unread: z.array(z.looseObject({})).optional().describe('Fields whose kind changed, and how many stored events it no longer reads.'),
    }),
  ),
});

const part = z.looseObject({ status: z.enum(['ok', 'degraded', 'down']) });
export const HEALTH = z.object({
  status: z.enum(['ok', 'degraded', 'down']).describe('degraded: it needs somebody’s attention, and its answers are right.'),
  parts: z.record(z.string(), part).describe('Each part’s status, and its lag or its error.'),
});
