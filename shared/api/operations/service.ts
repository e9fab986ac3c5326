import { z } from 'zod';
import { STATUS } from '../../query/status-schema.ts';
import { output } from '../json-schema.ts';
import { inPath, json, type Operations, problems, TEXT } from '../operation.ts';
import { HEALTH } from '../schemas.ts';

const DOCUMENT = z.looseObject({ openapi: z.literal('3.1.0'), info: z.looseObject({ title: z.literal('Twinstream') }), paths: z.looseObject({}) });

export const serviceOperations: Operations<'service'> = {
  'GET /status': {
    description: 'On AWS it is up to five seconds old, as /health is.',
    responses: { 200: json(output(STATUS), 'The state, a sentence that says it, and the facts.'), ...problems([503, 'The stores cannot be read.']) },
  },
  'GET /health': { responses: { 200: json(output(HEALTH), 'No part is down.'), 503: json(output(HEALTH), 'A part is down.') } },
  'GET /stats': {
    responses: {
      200: { description: 'Text format 0.0.4.', content: { 'text/plain': { schema: TEXT, example: 'twinstream_accepted_events_total 39244\n' } } },
      ...problems([404, 'On AWS, where the same figures are in CloudWatch, in the namespace Twinstream.']),
    },
  },
  'GET /': {
    responses: {
      200: { description: 'The page, as HTML.', content: { 'text/html': { schema: TEXT, example: '<!doctype html>' } } },
      304: { description: 'It has not changed.' },
    },
  },
  'GET /assets/{file}': {
    description: 'Its name changes with its content, so it may be kept for good.',
    parameters: [inPath('file', 'Named by the page.', 'main-ABCDEFGH.js')],
    responses: {
      200: { description: 'A script, a style sheet, a font or an icon.', content: { 'application/octet-stream': { schema: TEXT, example: '' } } },
      ...problems([404, 'The page has no such file: load it again.']),
    },
  },
  'GET /openapi.json': { responses: { 200: json(output(DOCUMENT), 'OpenAPI 3.1.') } },
};
