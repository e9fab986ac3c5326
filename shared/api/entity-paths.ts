import type { NamedEntity } from '../definition/define.ts';
import { schemaOf } from '../search/schema.ts';
import { header, json, type Paths, problems, query, TEXT } from './openapi-parts.ts';

/** The calls that ask for one entity's things. */
export const entityPaths = (entity: NamedEntity): [path: string, methods: Paths[string]][] => {
  const { name, fields } = schemaOf(entity);
  const sortable = fields.filter(({ kind }) => kind === 'number' || kind === 'date').map((field) => field.name);
  const searched = fields.filter((field) => field.searched).map((field) => field.name);
  return [
    [
      `/entities/${name}`,
      {
        get: {
          summary: `Entities of ${name}: searched, filtered, in order`,
          security: [{ token: ['read'] }],
          parameters: [
            ...(searched.length === 0
              ? []
              : [
                  query('q', `Words and "phrases", all of which are found in ${searched.join(' or ')}; the last word may be a beginning.`, {
                    ...TEXT,
                    maxLength: 1_000,
                  }),
                ]),
            ...fields
              .filter(({ kind }) => kind !== 'stored')
              .map(({ name: field, kind }) =>
                query(
                  `filter[${field}]`,
                  kind === 'number' || kind === 'date'
                    ? 'Wanted values or half-open ranges (10..100, 10.., ..100), comma-separated.'
                    : 'Wanted values, comma-separated; a comma in a value is %2C.',
                  TEXT,
                ),
              ),
            ...(sortable.length === 0
              ? []
              : [
                  query('order', 'A number or date; a minus sorts downwards. By default by relevance where there is a q, else by key.', {
                    type: 'string',
                    enum: sortable.flatMap((field) => [field, `-${field}`]),
                  }),
                ]),
            query('limit', 'Hits, by default 20.', { type: 'integer', minimum: 1, maximum: 1_000 }),
            query('cursor', 'Goes on after the answer that gave it; the other parameters but limit stay the same.', TEXT),
          ],
          responses: {
            200: json({ $ref: '#/components/schemas/Found' }, 'The hits.'),
            ...problems([400, 'A parameter is wrong.'], [501, 'The stage has no search.'], [503, 'The search index cannot be read now.']),
          },
        },
      },
    ],
    [
      `/entities/${name}/{key}`,
      {
        get: {
          summary: `One ${name}`,
          security: [{ token: ['read'] }],
          parameters: [
            { name: 'key', in: 'path', required: true, description: 'Percent-encoded.', schema: TEXT },
            header('If-None-Match', 'An ETag: 304 if the entity is still as it was.', TEXT),
          ],
          responses: {
            200: json({ type: 'object', properties: Object.fromEntries(fields.map((field) => [field.name, {}])) }, 'Its fields.'),
            304: { description: 'It is as it was.' },
            ...problems([404, 'There is no such entity.']),
          },
        },
      },
    ],
  ];
};
