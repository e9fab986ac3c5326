import { DEAD_LETTERS, DEAD_LETTERS_REPLAYED, DEAD_LETTERS_REQUEST } from '../../dead-letters/dead-letter-request.ts';
import { input, output } from '../json-schema.ts';
import { json, type Operations, optionalBody, problems } from '../operation.ts';

export const deadLetterOperations: Operations<'dead-letters'> = {
  'GET /dead-letters': { responses: { 200: json(output(DEAD_LETTERS), 'The dead letters, oldest first, and how many each consumer has.') } },
  'POST /dead-letters/replay': {
    requestBody: optionalBody(input(DEAD_LETTERS_REQUEST), { consumer: 'archive' }),
    responses: { 200: json(output(DEAD_LETTERS_REPLAYED), 'What was done with each dead letter.'), ...problems([400, 'The body is wrong.']) },
  },
};
