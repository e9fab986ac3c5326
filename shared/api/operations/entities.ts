import type { NamedEntity } from '../../definition/define.ts';
import { REINDEX_REQUEST } from '../../search/reindex-request.ts';
import { schemaOf } from '../../search/schema.ts';
import { input, output } from '../json-schema.ts';
import { header, inPath, json, limitOf, type NamedOperation, type Operations, optionalBody, problems, query, ref, TEXT } from '../operation.ts';
import { REINDEX_STARTED } from '../schemas.ts';

const searchEntities = (entity: NamedEntity): NamedOperation => {
  const { name, fields } = schemaOf(entity);
  const sortable = fields.filter(({ kind }) => kind === 'number' || kind === 'date').map((field) => field.name);
  const searched = fields.filter((field) => field.searched).map((field) => field.name);
  const words = `Words and "phrases", all of which must be found in ${searched.join(' or ')}; the last word also matches as a prefix.`;
  return {
    name,
    parameters: [
      ...(searched.length === 0 ? [] : [query('q', words, { ...TEXT, maxLength: 1_000 }, 'lambda arch')]),
      ...fields
        .filter(({ kind }) => kind !== 'stored')
        .map(({ name: field, kind }) =>
          kind === 'number' || kind === 'date'
            ? query(
                `filter[${field}]`,
                'Wanted values or half-open ranges (10..100, 10.., ..100), comma-separated.',
                TEXT,
                kind === 'number' ? '10..' : '-7d..',
              )
            : query(`filter[${field}]`, 'Wanted values, comma-separated; a comma in a value is %2C.', TEXT, kind === 'boolean' ? 'true' : field),
        ),
      ...(sortable.length === 0
        ? []
        : [
            query(
              'order',
              'A number or date; a minus sorts downwards. By default by relevance if there is a q, else by key.',
              { type: 'string', enum: sortable.flatMap((field) => [field, `-${field}`]) },
              `-${sortable[0]}`,
            ),
          ]),
      query('limit', 'Hits, by default 20.', limitOf(1_000), 3),
      query('cursor', 'Continues after the answer that it came from; all other parameters except limit must be the same.', TEXT),
    ],
    responses: {
      200: json(ref(`Found_${name}`), 'The hits.'),
      ...problems([400, 'A parameter is wrong.'], [501, 'The stage has no search.'], [503, 'The search index is not available now.']),
    },
  };
};

const getEntity = ({ name }: NamedEntity): NamedOperation => ({
  name,
  parameters: [
    inPath('key', 'Percent-encoded; it may have slashes in it.', 'a-key'),
    header('If-None-Match', 'An ETag: 304 if the entity has not changed.', TEXT, '"0123456789ab-1"'),
  ],
  responses: {
    200: json(ref(`Entity_${name}`), 'Its fields.'),
    304: { description: 'It has not changed.' },
    ...problems([404, 'There is no such entity.']),
  },
});

export const entityOperations: Operations<'entities'> = {
  'GET /entities/{name}': ({ entities }) => Object.values(entities).map(searchEntities),
  'GET /entities/{name}/{key+}': ({ entities }) => Object.values(entities).map(getEntity),
  'POST /reindex': {
    description: 'From the entities; the old indexes answer meanwhile.',
    requestBody: optionalBody(input(REINDEX_REQUEST), {}),
    responses: {
      202: json(output(REINDEX_STARTED), 'It has begun.'),
      ...problems([400, 'The body is wrong.'], [404, 'There is no such entity.'], [501, 'The stage has no search.']),
    },
  },
};
