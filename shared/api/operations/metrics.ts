import type { NamedMetric } from '../../definition/define.ts';
import type { Kind } from '../../definition/kinds.ts';
import { QUERIES, QUERIES_EXAMPLE } from '../../query/json-parameters.ts';
import { PARTS } from '../../query/parts.ts';
import { everyOf } from '../every.ts';
import { input, type Schema } from '../json-schema.ts';
import {
  HASH,
  header,
  inPath,
  json,
  limitOf,
  type NamedOperation,
  namesOf,
  type Operation,
  type Operations,
  type Parameter,
  problems,
  query,
  RUNNING,
  ref,
  TEXT,
  TIME,
} from '../operation.ts';

const CSV = {
  ...TEXT,
  description:
    "RFC 4180, with a header. A text that a spreadsheet would run as a formula, because it begins with = + - @, their full-width forms, a tab, a line break or NUL, has a ' before it.",
};
const NDJSON = { ...TEXT, description: 'A row a line, as JSON.' };
const MAX_ROWS = 100_000;

const range: readonly Parameter[] = [
  query('from', 'Start, a multiple of the base window, or relative; by default -24h.', TIME, '-24h'),
  query('to', 'End, not included, a multiple of the base window, or relative; by default now.', TIME, 'now'),
];
const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
const BOOLEAN: Schema = { type: 'boolean' };
const rows: readonly Parameter[] = [
  {
    ...query('having', 'having[MEASURE][gte]: keeps rows by a number of theirs, sizes.p50 too; gte, gt, lte, lt.', {
      type: 'object',
      additionalProperties: { type: 'object', additionalProperties: { type: 'number' } },
    }),
    style: 'deepObject',
  },
  query('limit', 'Rows, after ordering.', limitOf(MAX_ROWS), 10),
  query('offset', 'Rows that are left out before them.', { type: 'integer', minimum: 0 }, 0),
  query('top', 'Groups with rows of their own: the first of the whole range by order, the same in every window.', limitOf(1_000), 5),
  query('other', 'The rest of top as one row per window.', BOOLEAN, false),
  query('totals', 'Over all groups and windows.', BOOLEAN, false),
  query('fill', 'A row for each window and group without events.', oneOf('zero', 'null'), 'zero'),
  query('parts', 'What each layer has of a row.', BOOLEAN, false),
  query('compare', 'previous, year, or a range FROM..TO: each row gets the values at its place there.', TEXT, 'previous'),
  query('over', 'Each row merges this long until the end of its window: 7d, or all.', everyOf('1m'), '7d'),
  query('tz', 'IANA time zone of windows and local times; by default UTC.', TEXT, 'Europe/Berlin'),
  query('week', 'The day that weeks begin on.', oneOf('monday', 'sunday'), 'monday'),
  query('format', 'By default by Accept; .csv or .ndjson at the end of the path works, too.', oneOf('json', 'csv', 'ndjson'), 'json'),
];
const REFUSALS = {
  304: { description: 'The caller already has this answer, by If-None-Match.' },
  ...problems(
    [400, 'A parameter is wrong, or the query would read or answer too much.'],
    [404, 'There is no such metric, definition or dimension.'],
    [503, 'A layer cannot be read, or the definition is being rebuilt.'],
  ),
};
const responses = (answer: string): Operation['responses'] => ({
  200: {
    description: 'The answer.',
    content: { 'application/json': { schema: ref(answer) }, 'text/csv': { schema: CSV }, 'application/x-ndjson': { schema: NDJSON } },
  },
  ...REFUSALS,
});

const ORDER = 'Names that the answer has as one value, or sizes.p50, comma-separated; a minus sorts downwards.';
const FILTERS =
  'Wanted values, comma-separated; filter[…][] takes one that has a comma. Also filter[…][not], [prefix], [contains], [gte], [lt], and [is]=null or value.';
const A_VALUE: Readonly<Partial<Record<Kind, string>>> = { boolean: 'true', integer: '1' };

const askMetric = ({ name, definition: { window, dimensions, measures }, formulas }: NamedMetric): NamedOperation => ({
  name,
  parameters: [
    ...range,
    query('every', 'The windows of the answer; by default all.', everyOf(window), '1h'),
    query('by', 'Dimensions, and parts of local time, comma-separated.', namesOf([...namesIn(dimensions), ...PARTS], ''), dimensions[0]?.name ?? '@hour'),
    ...dimensions.map((dimension) => query(`filter[${dimension.name}]`, FILTERS, TEXT, A_VALUE[dimension.of.kind] ?? dimension.name)),
    query('measures', 'Comma-separated; by default all.', namesOf(namesIn([...measures, ...formulas]), ''), measures[0]?.name),
    query('order', `${ORDER} By default by window and group.`, TEXT, '-window'),
    ...rows,
  ],
  responses: responses(`Answer_${name}`),
});
const namesIn = (columns: readonly { readonly name: string }[]): string[] => columns.map(({ name }) => name);

/** The pipeline does not say what a metric had before its definition changed. */
const askOldDefinition: NamedOperation = {
  name: null,
  description: 'By an old definition, which has its own dimensions and measures. GET /metrics shows the hash of the current one.',
  parameters: [
    inPath('name', 'A metric.', 'edits'),
    { ...query('definition', 'The hash of a definition.', HASH, '0123456789ab'), required: true },
    ...range,
    query('every', 'The windows of the answer; by default all.', everyOf('1m'), '1h'),
    query('by', 'Dimensions, comma-separated.', TEXT),
    { ...query('filter', 'filter[DIMENSION]: wanted values, comma-separated.', { type: 'object', additionalProperties: TEXT }), style: 'deepObject' },
    query('measures', 'Comma-separated; by default all.', TEXT),
    query('order', ORDER, TEXT, '-window'),
    ...rows,
    query(
      'numbers',
      'With text, measures have their numbers as text, exactly. The current definition takes it too.',
      { type: 'string', enum: ['number', 'text'] },
      'text',
    ),
  ],
  responses: responses('Answer'),
};

const values = (example: string): readonly Parameter[] => [
  inPath('dimension', 'One of its dimensions.', example),
  query('q', 'A part of the values, in any case.', TEXT, 'wiki'),
  query('limit', 'Values, the most frequent first; by default 20.', limitOf(10_000), 20),
  query('from', 'By default all of the history.', TIME, '-7d'),
  query('to', 'By default all of the history.', TIME, 'now'),
  query('tz', 'Of times without a zone.', TEXT, 'Europe/Berlin'),
];
const listed = { 200: json(ref('Values'), 'Values with the number of events.'), ...REFUSALS };
const listValues = ({ name, definition: { dimensions } }: NamedMetric): NamedOperation => ({
  name,
  parameters: values(dimensions[0]?.name ?? 'channel'),
  responses: listed,
});
const listOldValues: NamedOperation = {
  name: null,
  description: 'By an old definition, which has its own dimensions.',
  parameters: [
    inPath('name', 'A metric.', 'edits'),
    { ...query('definition', 'The hash of a definition.', HASH, '0123456789ab'), required: true },
    ...values('channel'),
  ],
  responses: listed,
};

const CUT = { type: 'string', pattern: '^[A-Za-z0-9_-]+$', maxLength: 3_000 };
const explainMetric = ({ name, definition: { window, dimensions, measures } }: NamedMetric): NamedOperation => ({
  name,
  description: 'Takes the parameters of the question; those that choose or order rows do not matter.',
  parameters: [
    { ...query('cut', 'The cut of the answer, from its provenance.', CUT), required: true },
    ...range,
    query('every', 'As in the question.', everyOf(window), '1h'),
    query('by', 'As in the question.', namesOf([...namesIn(dimensions), ...PARTS], ''), dimensions[0]?.name ?? '@hour'),
    ...dimensions.map((dimension) => query(`filter[${dimension.name}]`, FILTERS, TEXT, A_VALUE[dimension.of.kind] ?? dimension.name)),
    query('over', 'As in the question.', everyOf('1m'), '7d'),
    query('tz', 'As in the question.', TEXT, 'Europe/Berlin'),
    query('week', 'As in the question.', oneOf('monday', 'sunday'), 'monday'),
    query('window', "The row's window; by default the whole range.", { type: 'string', format: 'date-time' }),
    query('group', "The row's values of by, in its order, as a JSON array; by default all groups.", TEXT, '["a",null]'),
    query('measure', 'Only events of which it takes a value.', namesOf(namesIn(measures), ''), measures[0]?.name),
    query('value', 'Only events with this value of the measure; of quantiles and histogram, with one in its bucket.', TEXT),
    query('list', 'events, or the values that the measure takes, each with how often it does.', oneOf('events', 'values'), 'events'),
    query('limit', 'Events or values of a page; by default 50.', limitOf(1_000), 50),
    query('cursor', 'Of the page before; events only.', TEXT),
  ],
  responses: {
    200: json({ anyOf: [ref('ExplainedEvents'), ref('ExplainedValues')] }, 'The events, or the values.'),
    202: json(RUNNING, 'The list is being made: call the same again, after as many seconds as Retry-After says.'),
    ...problems(
      [400, 'A parameter is wrong, or the list would read too much.'],
      [404, 'There is no such metric.'],
      [409, 'The generation of the cut is gone, or what was live cannot be listed: ask for the answer again.'],
      [503, 'A layer cannot be read, or there is no time left.'],
    ),
  },
});

const LIVE_EXAMPLE = 'id: k3x9.17\ndata: {"metric":"edits","windows":[{"window":"2015-09-12T07:00:00.000Z","edits":12}]}\n\n';

export const metricOperations: Operations<'metrics'> = {
  'GET /metrics': { responses: { 200: json(ref('Metrics'), 'Every metric, with its dimensions and measures.') } },
  'GET /metrics/{name}': ({ metrics }) => [...Object.values(metrics).map(askMetric), askOldDefinition],
  'GET /metrics/{name}/explain': ({ metrics }) => Object.values(metrics).map(explainMetric),
  'GET /metrics/{name}/values/{dimension}': ({ metrics }) => [...Object.values(metrics).map(listValues), listOldValues],
  'GET /live': ({ metrics }) => [
    {
      name: null,
      description:
        'Server-sent events: a message for each metric whose windows changed, with their rows as GET /metrics/{name} has them. With `more`, others may have changed, too: ask for what is shown. A stream begins with that, unless it goes on after Last-Event-ID.',
      parameters: [
        query('metric', 'Comma-separated; by default all.', namesOf(Object.keys(metrics), ''), Object.keys(metrics)[0]),
        header('Last-Event-ID', 'The id of the last message that the caller has.', TEXT),
      ],
      responses: {
        200: { description: 'Messages, as long as the caller stays.', content: { 'text/event-stream': { schema: TEXT, example: LIVE_EXAMPLE } } },
        ...problems(
          [400, 'A parameter is wrong.'],
          [404, 'There is no such metric.'],
          [429, 'One token has too many streams.'],
          [503, 'There are too many streams, or the host stops.'],
        ),
      },
    },
  ],
  'POST /query': {
    description: 'All of them are read at one cut, so they agree with each other.',
    requestBody: { required: true, content: { 'application/json': { schema: input(QUERIES), example: QUERIES_EXAMPLE } } },
    responses: {
      200: json({ type: 'object', additionalProperties: ref('Answer') }, 'Each answer under the name of its query.'),
      ...REFUSALS,
    },
  },
};
