import type { z } from 'zod';
import { LIMITS } from '../../ingest/submitted.ts';
import { exampleOf } from '../example.ts';
import { input } from '../json-schema.ts';
import { header, json, type Operation, type Operations, problems, ref, TEXT } from '../operation.ts';

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

export const eventOperations: Operations<'events'> = {
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
