import pipeline from '#pipeline';
import { clock, entityStore, onLambda, searchIndex, telemetry } from '#platform';
import type { NamedEntity, Pipeline } from '../shared/definition/define.ts';
import { compileEntity } from '../shared/fold/entity.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { EntityStore } from '../shared/ports/entity-store.ts';
import { type Found, type Presented, type SearchIndex, SearchUnavailableError } from '../shared/ports/search-index.ts';
import type { SearchSchema } from '../shared/ports/search-question.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { allowance, READ_LIMITS } from '../shared/request/allowance.ts';
import { type HttpHandler, json, UNLIMITED } from '../shared/request/http.ts';
import { fitting } from '../shared/request/page.ts';
import { parseParameters } from '../shared/request/parameters.ts';
import { notFound, Problem, unavailable } from '../shared/request/problem.ts';
import { encodePlace } from '../shared/search/cursor.ts';
import { parseQuestion } from '../shared/search/question.ts';
import { schemaOf } from '../shared/search/schema.ts';
import { entityId } from '../shared/storage/entity-item.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

export interface SearchPorts {
  readonly pipeline: Pipeline;
  readonly entities: EntityStore;
  /** Null if the stage has no search. */
  readonly index: SearchIndex | null;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const toProblem = (error: unknown): Found => {
  throw error instanceof SearchUnavailableError
    ? unavailable('The search index is not available now. Single entities are: GET /entities/{name}/{key}.', 5, error)
    : error;
};
/** Fields as the pipeline names them, whichever way a store keeps them; null if a field did not exist yet when the entity was stored. */
const inOrder = ({ fields }: SearchSchema, entity: Presented): Presented => Object.fromEntries(fields.map(({ name }) => [name, entity[name] ?? null]));
const FRESH = { 'cache-control': 'no-store' };

/** GET /entities/{name} searches, GET /entities/{name}/{key} returns one entity. */
export const search = ({ pipeline, entities, index, clock, telemetry }: SearchPorts): HttpHandler => {
  const named = (name: string): NamedEntity => {
    const entity = Object.hasOwn(pipeline.entities, name) ? pipeline.entities[name] : undefined;
    if (entity !== undefined) return entity;
    const names = Object.keys(pipeline.entities);
    throw notFound(`There is no entity '${name.slice(0, 64)}'. Expected ${names.length === 0 ? 'none: the pipeline has none' : `one of ${names.join(', ')}`}.`);
  };
  return answering<'search'>(telemetry, {
    'GET /entities/{name}': async ({ pathParameters, query }, context = UNLIMITED) => {
      const schema = schemaOf(named(pathParameters.name));
      const { id, ...question } = parseQuestion(parseParameters(query), schema, clock());
      // The engine cannot be interrupted.
      allowance(context, READ_LIMITS).check();
      if (index === null)
        throw new Problem(501, 'no-search', 'This stage has no search', `Deploy it with search, or get one entity: GET /entities/${schema.name}/{key}.`);
      const found = await index.search(schema, question).catch(toProblem);
      const fit = fitting(found.hits).length;
      // Only the index knows the place of a hit that is not its last.
      const { total, hits, next } = fit === found.hits.length ? found : await index.search(schema, { ...question, limit: fit }).catch(toProblem);
      return json(
        200,
        { total, hits: hits.map((hit) => ({ ...hit, entity: inOrder(schema, hit.entity) })), cursor: next === null ? null : encodePlace(next, id) },
        FRESH,
      );
    },
    'GET /entities/{name}/{key+}': async ({ pathParameters, headers }) => {
      const entity = named(pathParameters.name);
      const key = pathParameters.key;
      const [item] = await entities.get([{ entity: entityId(entity), key }]);
      if (item === null || item === undefined || item.deleted) throw notFound(`There is no ${entity.name} '${key.slice(0, 200)}'.`);
      const { present, decode } = compileEntity(entity.definition);
      const etag = `"${entity.hash}-${item.version}"`;
      const answer = { ...FRESH, etag };
      return headers['if-none-match'] === etag ? { status: 304, headers: answer, body: '' } : json(200, present(decode(item.state)), answer);
    },
  });
};

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  { clock, entityStore, searchIndex, telemetry }: Pick<Platform, 'clock' | 'entityStore' | 'searchIndex' | 'telemetry'>,
) => search({ pipeline, entities: entityStore(), index: searchIndex(), clock, telemetry: telemetry() });

export const handler = onLambda(() => onApiGateway(bind(pipeline, { clock, entityStore, searchIndex, telemetry })));
