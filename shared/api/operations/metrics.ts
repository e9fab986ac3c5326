import type { NamedMetric } from '../../definition/define.ts';
import type { Kind } from '../../definition/kinds.ts';
import { everyOf } from '../every.ts';
import {
  HASH,
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
  ref,
  TEXT,
  TIME,
} from '../operation.ts';

const CSV = {
  ...TEXT,
  description:
    "RFC 4180, with a header. A text that a spreadsheet would run as a formula, because it begins with = + - @, their full-width forms, a tab, a line break or NUL, has a ' before it.",
};
const MAX_ROWS = 100_000;

const range: readonly Parameter[] = [
  query('from', 'Start, a multiple of the base window, or relative; by default -24h.', TIME, '-24h'),
  query('to', 'End, not included, a multiple of the base window, or relative; by default now.', TIME, 'now'),
];
const rows: readonly Parameter[] = [
  query('limit', 'Rows, after ordering.', limitOf(MAX_ROWS), 10),
  query('tz', 'IANA time zone of windows and local times; by default UTC.', TEXT, 'Europe/Berlin'),
  query('format', 'By default by Accept; .csv at the end of the path works, too.', { type: 'string', enum: ['json', 'csv'] }, 'json'),
];
const responses = (answer: string): Operation['responses'] => ({
  200: {
    description: 'The answer.',
    content: { 'application/json': { schema: ref(answer) }, 'text/csv': { schema: CSV } },
  },
  304: { description: 'The caller already has this answer, by If-None-Match.' },
  ...problems(
    [400, 'A parameter is wrong.'],
    [404, 'There is no such metric or definition.'],
    [503, 'A layer cannot be read, or the definition is being rebuilt.'],
  ),
});

const A_VALUE: Readonly<Partial<Record<Kind, string>>> = { boolean: 'true', integer: '1' };

const askMetric = ({ name, definition: { window, dimensions, measures } }: NamedMetric): NamedOperation => ({
  name,
  parameters: [
    ...range,
    query('every', 'The windows of the answer; by default all.', everyOf(window), '1h'),
    ...(dimensions.length === 0 ? [] : [query('by', 'Dimensions, comma-separated.', namesOf(namesIn(dimensions), ''), dimensions[0]?.name)]),
    ...dimensions.map((dimension) =>
      query(`filter[${dimension.name}]`, 'Wanted values, comma-separated; a comma in a value is %2C.', TEXT, A_VALUE[dimension.of.kind] ?? dimension.name),
    ),
    query('measures', 'Comma-separated; by default all.', namesOf(namesIn(measures), ''), measures[0]?.name),
    query(
      'order',
      'Names that the answer has as one value, comma-separated; a minus sorts downwards. By default by window and group.',
      namesOf(['window', ...namesIn([...dimensions, ...measures])], '-?'),
      '-window',
    ),
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
    query('order', 'Names that the answer has as one value, comma-separated; a minus sorts downwards.', TEXT, '-window'),
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

export const metricOperations: Operations<'metrics'> = {
  'GET /metrics': { responses: { 200: json(ref('Metrics'), 'Every metric, with its dimensions and measures.') } },
  'GET /metrics/{name}': ({ metrics }) => [...Object.values(metrics).map(askMetric), askOldDefinition],
};
