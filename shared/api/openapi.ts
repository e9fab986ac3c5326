import type { Pipeline } from '../definition/define.ts';
import { EXCLUSION } from '../exclusions/exclusion-request.ts';
import { CLOUD_EVENT } from '../ingest/cloud-event.ts';
import { LISTED_ENTRY } from '../ingest/quarantine-entry.ts';
import { LIMITS } from '../ingest/submitted.ts';
import { EVERY } from '../request/calendar.ts';
import { adminPaths } from './admin-paths.ts';
import { entityPaths } from './entity-paths.ts';
import { header, input, json, namesOf, output, type Paths, problems, query, type Schema, TEXT, TIME } from './openapi-parts.ts';
import { ACCEPTED, ANSWER, FOUND, GENERATION, PROBLEM } from './schemas.ts';

const CSV: Schema = {
  ...TEXT,
  description:
    "RFC 4180, with a header. A text that a spreadsheet would run as a formula, since it begins with = + - @, their full-width forms, a tab, a line break or NUL, has a ' before it.",
};
const eventPosts = {
  security: [{ token: ['write'] }],
  parameters: [
    header('Idempotency-Key', 'Events without ids of their own get {key}:{index}, so that a retry counts once.', {
      type: 'string',
      minLength: 1,
      maxLength: 200,
    }),
    header('Content-Encoding', 'gzip, or none.', { type: 'string', enum: ['gzip', 'identity'] }),
  ],
};
const eventAnswers = {
  202: json({ $ref: '#/components/schemas/Accepted' }, 'The accepted events are durable; the rejected ones stand in quarantine.'),
  ...problems(
    [400, 'The body cannot be read.'],
    [404, 'There is no such event type.'],
    [413, `Past ${LIMITS.bodyBytes} bytes as sent, ${LIMITS.inflatedBytes} inflated, ${LIMITS.events} events, or ${LIMITS.eventBytes} bytes an event.`],
    [415, 'A body, or a content coding, of another kind.'],
    [422, 'All events were rejected.'],
    [503, 'The log cannot take events now; see Retry-After.'],
  ),
};

/** What any call may answer. */
const withCommonAnswers = (paths: Paths): Paths =>
  mapValues(paths, (methods) =>
    mapValues(methods, (operation) => ({
      ...operation,
      responses: {
        ...operation.responses,
        ...(operation.security === undefined ? {} : problems([401, 'A token is needed.'], [403, 'The token may not do this.'])),
        ...problems([500, 'Something failed; the log says why. Or a stored file is damaged: the problem names it, and the way back.']),
      },
    })),
  );
const mapValues = <A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));

/** The OpenAPI 3.1 document of a pipeline, from the schemas that validate. */
export const openApi = (pipeline: Pipeline): Schema => ({
  openapi: '3.1.0',
  info: { title: 'Twinstream', version: '0.1.0', description: 'Post events, ask for exact live numbers.' },
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Scopes: write (events), read (answers), admin.' } },
    schemas: {
      Accepted: output(ACCEPTED),
      Answer: output(ANSWER),
      CloudEvent: input(CLOUD_EVENT),
      Exclusion: output(EXCLUSION),
      Found: output(FOUND),
      Generation: output(GENERATION),
      Problem: output(PROBLEM),
      QuarantineEntry: output(LISTED_ENTRY),
    },
  },
  paths: withCommonAnswers({
    '/events': {
      post: {
        summary: 'CloudEvents 1.0: structured, batch or binary mode',
        ...eventPosts,
        requestBody: {
          required: true,
          content: {
            'application/cloudevents+json': { schema: { $ref: '#/components/schemas/CloudEvent' } },
            'application/cloudevents-batch+json': { schema: { type: 'array', maxItems: LIMITS.events, items: { $ref: '#/components/schemas/CloudEvent' } } },
            'application/json': { schema: { type: 'object', description: 'Binary mode: the data; attributes in ce- headers.' } },
          },
        },
        responses: eventAnswers,
      },
    },
    ...Object.fromEntries(
      Object.entries(pipeline.events).map(([type, { schema }]) => {
        const one = input(schema);
        return [
          `/events/${type}`,
          {
            post: {
              summary: `Events of type ${type}: a JSON object, an array, one object a line, or CSV`,
              ...eventPosts,
              requestBody: {
                required: true,
                content: {
                  'application/json': { schema: { oneOf: [one, { type: 'array', maxItems: LIMITS.events, items: one }] } },
                  'application/x-ndjson': { schema: TEXT },
                  'text/csv': { schema: TEXT },
                },
              },
              responses: eventAnswers,
            },
          },
        ];
      }),
    ),
    '/metrics': {
      get: {
        summary: 'Every metric, with its dimensions and measures',
        security: [{ token: ['read'] }],
        responses: { 200: json({ type: 'object' }, 'The metrics.') },
      },
    },
    ...Object.fromEntries(
      Object.entries(pipeline.metrics).map(([name, { definition }]) => [
        `/metrics/${name}`,
        {
          get: {
            summary: `The metric ${name}, by window and group`,
            security: [{ token: ['read'] }],
            parameters: [
              query('from', 'Start, a multiple of the base window, or relative; by default -24h.', TIME),
              query('to', 'End, not included, a multiple of the base window, or relative; by default now.', TIME),
              query('every', 'The windows of the answer; by default all.', { type: 'string', enum: EVERY.slice(EVERY.indexOf(definition.window)) }),
              ...(definition.dimensions.length === 0
                ? []
                : [
                    query(
                      'by',
                      'Dimensions, comma-separated.',
                      namesOf(
                        definition.dimensions.map((dimension) => dimension.name),
                        '',
                      ),
                    ),
                  ]),
              ...definition.dimensions.map((dimension) =>
                query(`filter[${dimension.name}]`, 'Wanted values, comma-separated; a comma in a value is %2C.', TEXT),
              ),
              query(
                'measures',
                'Comma-separated; by default all.',
                namesOf(
                  definition.measures.map((measure) => measure.name),
                  '',
                ),
              ),
              query(
                'order',
                'Names that the answer has as one value, comma-separated; a minus sorts downwards. By default by window and group.',
                namesOf(['window', ...[...definition.dimensions, ...definition.measures].map((column) => column.name)], '-?'),
              ),
              query('limit', 'Rows, after ordering.', { type: 'integer', minimum: 1, maximum: 100_000 }),
              query('tz', 'IANA time zone of windows and local times; by default UTC.', TEXT),
              query('definition', 'The hash of an old definition.', { type: 'string', pattern: '^[0-9a-f]{12}$' }),
            ],
            responses: {
              200: {
                description: 'The answer.',
                content: { 'application/json': { schema: { $ref: '#/components/schemas/Answer' } }, 'text/csv': { schema: CSV } },
              },
              ...problems(
                [400, 'A parameter is wrong.'],
                [404, 'There is no such metric or definition.'],
                [503, 'A layer cannot be read, or the definition is being rebuilt.'],
              ),
            },
          },
        },
      ]),
    ),
    ...Object.fromEntries(Object.values(pipeline.entities).flatMap((entity) => entityPaths(entity))),
    ...adminPaths(),
    '/health': {
      get: {
        summary: 'Status and lag of each part',
        responses: { 200: json({ type: 'object' }, 'All parts are well.'), 503: json({ type: 'object' }, 'A part is down.') },
      },
    },
    '/stats': {
      get: {
        summary: 'Counters and gauges for Prometheus',
        security: [{ token: ['read'] }],
        responses: {
          200: { description: 'Text format 0.0.4.', content: { 'text/plain': { schema: TEXT } } },
          ...problems([404, 'This is AWS, where the same figures stand in CloudWatch, in the namespace Twinstream.']),
        },
      },
    },
    '/openapi.json': { get: { summary: 'This document', responses: { 200: json({ type: 'object' }, 'OpenAPI 3.1.') } } },
  }),
});
