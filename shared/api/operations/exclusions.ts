import { z } from 'zod';
import { EXCLUSION, EXCLUSION_REQUEST } from '../../exclusions/exclusion-request.ts';
import { input, output } from '../json-schema.ts';
import { inPath, json, type Operations, problems, ref } from '../operation.ts';

export const exclusionOperations: Operations<'exclusions'> = {
  'GET /exclusions': { description: 'Newest first.', responses: { 200: json(output(z.object({ exclusions: z.array(EXCLUSION) })), 'The exclusions.') } },
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
