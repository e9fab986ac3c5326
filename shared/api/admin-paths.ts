import { LETTERS, LETTERS_REPLAYED, LETTERS_REQUEST } from '../dead-letters/dead-letter-request.ts';
import { EXCLUSION_REQUEST } from '../exclusions/exclusion-request.ts';
import { REASONS } from '../ingest/submitted.ts';
import { DAMAGE } from '../quarantine/quarantine-files.ts';
import { REASON_COUNT, REPLAY_REQUEST, REPLAYED } from '../quarantine/replay.ts';
import { REINDEX_REQUEST } from '../search/reindex-request.ts';
import { input, json, output, type Paths, problems, query, TEXT, TIME } from './openapi-parts.ts';
import { RECOMPUTE_REQUEST, REINDEX_STARTED } from './schemas.ts';

/** The calls of whoever runs it: generations, the quarantine, dead letters, exclusions. */
export const adminPaths = (): Paths => ({
  '/reindex': {
    post: {
      summary: 'Build search indexes anew from the entities; the old ones answer meanwhile',
      security: [{ token: ['admin'] }],
      requestBody: { required: false, content: { 'application/json': { schema: input(REINDEX_REQUEST) } } },
      responses: {
        202: json(output(REINDEX_STARTED), 'It has begun.'),
        ...problems([400, 'The body is wrong.'], [404, 'There is no such entity.'], [501, 'The stage has no search.']),
      },
    },
  },
  '/recompute': {
    post: {
      summary: 'Start a run of the batch layer',
      security: [{ token: ['admin'] }],
      requestBody: { required: false, content: { 'application/json': { schema: input(RECOMPUTE_REQUEST) } } },
      responses: { 202: json({ $ref: '#/components/schemas/Generation' }, 'The generation that it will make.'), ...problems([400, 'The body is wrong.']) },
    },
  },
  '/generations': {
    get: {
      summary: 'Generations of the batch layer, newest first',
      security: [{ token: ['admin'] }],
      parameters: [
        query('limit', 'By default 50.', { type: 'integer', minimum: 1, maximum: 1_000 }),
        query('after', 'Goes on after this generation, with older ones.', { type: 'string', pattern: '^g[0-9]{6,12}$' }),
      ],
      responses: {
        200: json(
          {
            type: 'object',
            required: ['active', 'generations', 'next'],
            properties: {
              active: { type: ['string', 'null'] },
              generations: { type: 'array', items: { $ref: '#/components/schemas/Generation' } },
              next: { type: ['string', 'null'], description: 'For `after`; null where no older ones are listed.' },
            },
          },
          'The generations.',
        ),
        ...problems([400, 'A parameter is wrong.']),
      },
    },
  },
  '/generations/{id}/activate': {
    post: {
      summary: 'Answer from this generation',
      security: [{ token: ['admin'] }],
      parameters: [{ name: 'id', in: 'path', required: true, schema: TEXT }],
      responses: {
        200: json({ $ref: '#/components/schemas/Generation' }, 'It is active.'),
        ...problems([404, 'There is no such generation.'], [409, 'It is not published, or another one was activated meanwhile.']),
      },
    },
  },
  '/quarantine': {
    get: {
      summary: 'Rejected events, with reasons',
      security: [{ token: ['admin'] }],
      parameters: [
        query('from', 'Received at this time or later.', TIME),
        query('to', 'Received before this time.', TIME),
        query('reason', 'Comma-separated.', { type: 'string', enum: REASONS }),
        query('by', 'How many there are of each reason, instead of the entries.', { type: 'string', enum: ['reason'] }),
        query('limit', 'By default 100.', { type: 'integer', minimum: 1, maximum: 1_000 }),
      ],
      responses: {
        200: json(
          {
            type: 'object',
            required: ['damaged', 'more'],
            properties: {
              events: { type: 'array', items: { $ref: '#/components/schemas/QuarantineEntry' } },
              reasons: { type: 'array', items: output(REASON_COUNT) },
              damaged: {
                type: 'array',
                items: output(DAMAGE),
                description: 'Files that cannot be read, in whole or in part; what can be read of them is above.',
              },
              more: { type: 'boolean' },
            },
          },
          'The entries, or how many there are of each reason.',
        ),
        ...problems([400, 'A parameter is wrong.']),
      },
    },
  },
  '/quarantine/replay': {
    post: {
      summary: 'Send rejected events again, after a fix',
      security: [{ token: ['admin'] }],
      requestBody: { required: false, content: { 'application/json': { schema: input(REPLAY_REQUEST) } } },
      responses: { 200: json(output(REPLAYED), 'How many were accepted, and what stays.'), ...problems([400, 'The body is wrong.']) },
    },
  },
  '/dead-letters': {
    get: {
      summary: 'Records that consumers of the log gave up',
      security: [{ token: ['admin'] }],
      responses: { 200: json(output(LETTERS), 'The letters, oldest first, and how many each consumer has.') },
    },
  },
  '/dead-letters/replay': {
    post: {
      summary: 'Make good what was given up',
      security: [{ token: ['admin'] }],
      requestBody: { required: false, content: { 'application/json': { schema: input(LETTERS_REQUEST) } } },
      responses: { 200: json(output(LETTERS_REPLAYED), 'What was done with each letter.'), ...problems([400, 'The body is wrong.']) },
    },
  },
  '/exclusions': {
    get: {
      summary: 'Events that are left out of all answers, newest first',
      security: [{ token: ['admin'] }],
      responses: {
        200: json(
          { type: 'object', required: ['exclusions'], properties: { exclusions: { type: 'array', items: { $ref: '#/components/schemas/Exclusion' } } } },
          'The exclusions.',
        ),
      },
    },
    post: {
      summary: 'Leave out events that were posted by mistake: by source and ids, or by source and a range of event times',
      security: [{ token: ['admin'] }],
      requestBody: { required: true, content: { 'application/json': { schema: input(EXCLUSION_REQUEST) } } },
      responses: {
        202: json({ $ref: '#/components/schemas/Exclusion' }, 'It stands; the named generation applies it.'),
        ...problems([400, 'The body is wrong.'], [409, 'There are too many.']),
      },
    },
  },
  '/exclusions/{id}': {
    delete: {
      summary: 'Take an exclusion back',
      security: [{ token: ['admin'] }],
      parameters: [{ name: 'id', in: 'path', required: true, schema: TEXT }],
      responses: {
        202: json({ $ref: '#/components/schemas/Exclusion' }, 'The named generation counts its events again.'),
        ...problems([404, 'There is no such exclusion.']),
      },
    },
  },
});
