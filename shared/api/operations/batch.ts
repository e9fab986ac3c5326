import { RECOMPUTE_REQUEST } from '../../batch/recompute-request.ts';
import { input, output } from '../json-schema.ts';
import { inPath, json, limitOf, type Operations, optionalBody, problems, query, ref } from '../operation.ts';
import { GENERATIONS } from '../schemas.ts';

export const batchOperations: Operations<'batch'> = {
  'POST /recompute': {
    requestBody: optionalBody(input(RECOMPUTE_REQUEST), { through: '2026-11-21T10:00:00Z' }),
    responses: { 202: json(ref('Generation'), 'The generation that will be built.'), ...problems([400, 'The body is wrong.']) },
  },
  'GET /generations': {
    description: 'Newest first.',
    parameters: [
      query('limit', 'By default 50.', limitOf(1_000), 10),
      query('after', 'Continues after this generation, with older ones.', { type: 'string', pattern: '^g[0-9]{6,12}$' }, 'g000041'),
    ],
    responses: { 200: json(output(GENERATIONS), 'The generations.'), ...problems([400, 'A parameter is wrong.']) },
  },
  'POST /generations/{id}/activate': {
    parameters: [inPath('id', 'Of a published generation.', 'g000041')],
    responses: {
      200: json(ref('Generation'), 'It is active.'),
      ...problems([404, 'There is no such generation.'], [409, 'It is not published, or another one was activated meanwhile.']),
    },
  },
};
