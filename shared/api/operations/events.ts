import type { z } from 'zod';
import { WHEREABOUTS } from '../../explain/whereabouts-form.ts';
import { LIMITS } from '../../ingest/submitted.ts';
import { NEWEST_EVENTS } from '../../query/listed-events.ts';
import { exampleOf } from '../example.ts';
import { input, output } from '../json-schema.ts';
import { header, inPath, json, limitOf, type Operation, type Operations, problems, query, RUNNING, ref, TEXT, TIME } from '../operation.ts';

const posted: Pick<Operation, 'parameters' | 'responses'> = {
  parameters: [
    header('Idempotency-Key', 'Events without ids of their own get {key}:{index}, so that a retry counts once.', {
      type: 'string',
      minLength: 1,
      maxLength: 200,
    }),
    header('Twinstream-Batches', 'Instead, what agents send: ids by batch, `key;at;events`, comma-separated. Event i of a batch gets {key}:{at + i}.', {
      type: 'string',
      pattern: '^[^;,]+;[0-9]{1,6};[0-9]{1,6}(,[^;,]+;[0-9]{1,6};[0-9]{1,6})*$',
    }),
    header('Content-Encoding', 'How the body is compressed.', { type: 'string', enum: ['gzip', 'deflate', 'br', 'zstd', 'identity'] }),
  ],
  responses: {
    202: json(ref('Accepted'), 'The accepted events are durable; the rejected ones are in quarantine.'),
    ...problems(
      [400, 'The body cannot be read.'],
      [404, 'There is no such event type.'],
      [413, `More than ${LIMITS.bodyBytes} bytes as sent, ${LIMITS.inflatedBytes} inflated, ${LIMITS.events} events, or ${LIMITS.eventBytes} bytes an event.`],
      [415, 'An unsupported media type or content encoding.'],
      [422, 'All events were rejected.'],
      [503, 'Overloaded, or the log is not available now; see Retry-After.'],
    ),
  },
};

/** An event that its schema accepts; undefined if none can be derived from the schema. */
const exampleEvent = (schema: z.ZodType): unknown => {
  const known = input(schema);
  const example = exampleOf(known, known);
  return schema.safeParse(example).success ? example : undefined;
};

const listed: Pick<Operation, 'parameters' | 'responses'> = {
  parameters: [
    query('limit', 'By default 20.', limitOf(1_000), 10),
    query('from', 'Of this time or later, by their own.', TIME, '-24h'),
    query('to', 'Before this time, by their own.', TIME, 'now'),
    {
      ...query('filter', 'filter[FIELD]: wanted values, comma-separated; filter[FIELD][] takes one that has a comma.', {
        type: 'object',
        additionalProperties: TEXT,
      }),
      style: 'deepObject',
    },
    query('cursor', 'Continues with older ones: `cursor` of the page before, with the same other parameters.', {
      type: 'string',
      pattern: '^[A-Za-z0-9_-]{1,1024}$',
    }),
  ],
  responses: {
    200: json(output(NEWEST_EVENTS), 'Events as they are stored.'),
    ...problems(
      [400, 'A parameter is wrong.'],
      [404, 'There is no such event type, or the file of the cursor is gone.'],
      [503, 'A file is too large to be read in one call.'],
    ),
  },
};

const found: Omit<Operation, 'requestBody'> = {
  description: 'Each copy of it: counted by which metrics, a duplicate, excluded, left out by all metrics, not folded yet, or in quarantine.',
  parameters: [
    inPath('id', 'Percent-encoded; it may have slashes in it.', 'my-first:0'),
    query('source', 'Only copies from this source.', TEXT),
    query('from', "The event's own time, if there are too many days to search.", TIME, '-7d'),
    query('to', 'Its end.', TIME, 'now'),
  ],
  responses: {
    200: json(output(WHEREABOUTS), 'The copies, the newest first; rejected ones last.'),
    202: json(RUNNING, 'The search goes on: call the same again, after as many seconds as Retry-After says.'),
    ...problems(
      [400, 'A parameter is wrong, or the search would read too much.'],
      [404, 'There is no such event, or no such type.'],
      [409, 'The events around the horizon cannot be searched before the next generation.'],
      [503, 'A layer cannot be read, or there is no time left.'],
    ),
  },
};

export const eventOperations: Operations<'events'> = {
  'GET /events/{type}/{id+}': ({ events }) => Object.keys(events).map((name) => ({ name, ...found })),
  'GET /events/{type}': ({ events }) => Object.keys(events).map((name) => ({ name, ...listed })),
  'POST /events': ({ events }) => {
    const [type = 'order', event] = Object.entries(events)[0] ?? [];
    const data = event === undefined ? {} : exampleEvent(event.schema);
    const example = { specversion: '1.0', id: 'e1', source: '/shop', type, data };
    return [
      {
        name: null,
        description: 'In structured, batch or binary mode.',
        ...posted,
        requestBody: {
          required: true,
          content: {
            'application/cloudevents+json': { schema: ref('CloudEvent'), example },
            'application/cloudevents-batch+json': { schema: { type: 'array', maxItems: LIMITS.events, items: ref('CloudEvent') }, example: [example] },
            'application/json': { schema: { type: 'object', description: 'Binary mode: the data; attributes in ce- headers.' }, example: data },
          },
        },
      },
    ];
  },
  'POST /events/{type}': ({ events }) =>
    Object.entries(events).map(([name, { schema }]) => {
      const example = exampleEvent(schema);
      return {
        name,
        description: 'A JSON object, an array, one object a line, or CSV.',
        ...posted,
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: { oneOf: [ref(`Event_${name}`), { type: 'array', maxItems: LIMITS.events, items: ref(`Event_${name}`) }] }, example },
            'application/x-ndjson': { schema: TEXT },
            'text/csv': { schema: TEXT },
          },
        },
      };
    }),
};
