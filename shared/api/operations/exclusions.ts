import { z } from 'zod';
import { EXCLUSION, EXCLUSION_REQUEST } from '../../exclusions/exclusion-request.ts';
import { input, output } from '../json-schema.ts';
import { inPath, json, limitOf, type Operations, problems, query, ref } from '../operation.ts';

const EXCLUSIONS = z.object({
  exclusions: z.array(EXCLUSION),
  next: z.string().nullable().describe('The `after` of the next page; null on the last one.'),
});

export const exclusionOperations: Operations<'exclusions'> = {
  'GET /exclusions': {
    description: 'Newest first.',
    parameters: [
      query('limit', 'By default 50.', limitOf(1_000), 10),
      query('after', 'Continues after this exclusion, with older ones.', { type: 'string', pattern: '^x[0-9]{6,12}$' }, 'x000041'),
    ],
    responses: { 200: json(output(EXCLUSIONS), 'The exclusions.'), ...problems([400, 'A parameter is wrong.']) },
  },
  'POST /exclusions': {
    description: 'Events that were posted by mistake: by source and ids, or by source and a range of event times.',
    requestBody: {
      required: true,
      content: { 'application/json': { schema: input(EXCLUSION_REQUEST), example: { source: '/events/edit', ids: ['e1'], note: 'a test' } } },
    },
    responses: {
      202: json(ref('Exclusion'), 'It is listed; the named generation applies it.'),
      ...problems([400, 'The body is wrong.'], [409, 'There are too many.']),
    },
  },
  'DELETE /exclusions/{id}': {
    parameters: [inPath('id', 'Of an exclusion.', 'x000001')],
    responses: {
      202: json(ref('Exclusion'), 'The named generation counts its events again.'),
      ...problems([404, 'There is no such exclusion.']),
    },
  },
};
