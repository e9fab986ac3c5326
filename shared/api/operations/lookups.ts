import { z } from 'zod';
import { LOOKUP_VERSION } from '../../lookups/lookup-request.ts';
import { MAX_CSV_BYTES, MAX_ROWS } from '../../lookups/parse-table.ts';
import { output } from '../json-schema.ts';
import { inPath, json, limitOf, type Operations, problems, query, ref, TEXT } from '../operation.ts';

const VERSIONS = z.object({
  tables: z.array(z.string()).describe('The tables that metrics of the pipeline look up.'),
  versions: z.array(LOOKUP_VERSION),
  next: z.string().nullable().describe('The `after` of the next page; null on the last one.'),
});
const table = inPath('table', 'As in lookup(…) in the pipeline, which may follow later.', 'country');

export const lookupOperations: Operations<'lookups'> = {
  'GET /lookups': {
    description: 'Every version that was published, newest first.',
    parameters: [
      query('limit', 'By default 50.', limitOf(1_000), 10),
      query('after', 'Continues after this version, with older ones.', { type: 'string', pattern: '^v[0-9]{6,12}$' }, 'v000041'),
    ],
    responses: { 200: json(output(VERSIONS), 'The versions.'), ...problems([400, 'A parameter is wrong.']) },
  },
  'POST /lookups/{table}': {
    description: 'The whole table as CSV: the first line names the columns, the first column is the key.',
    parameters: [
      table,
      query(
        'validFrom',
        'The event time from which on it holds. By default, all times for the first version of a table, and now for each later one.',
        { type: 'string', format: 'date-time' },
        '2026-01-01T00:00:00Z',
      ),
      query('note', 'Shown in the list.', { type: 'string', maxLength: 1_000 }),
    ],
    requestBody: { required: true, content: { 'text/csv': { schema: TEXT, example: 'code,name\nDE,Germany\n' } } },
    responses: {
      200: json(ref('LookupVersion'), 'The table says so already; nothing changed.'),
      202: json(ref('LookupVersion'), 'It is published; the named generation looks all of history up in it.'),
      ...problems(
        [400, 'A parameter, or the first line, is wrong.'],
        [409, 'The table has too many versions.'],
        [413, `More than ${MAX_CSV_BYTES} bytes or ${MAX_ROWS} rows.`],
        [415, 'It is not text/csv.'],
        [422, 'Cells are wrong.'],
      ),
    },
  },
  'DELETE /lookups/{table}/{version}': {
    description: 'Events are looked up in the version before it again, as if it had never been published.',
    parameters: [table, inPath('version', 'Of the table.', 'v000001')],
    responses: {
      202: json(ref('LookupVersion'), 'The named generation no longer looks anything up in it.'),
      ...problems([404, 'There is no such version.']),
    },
  },
};
