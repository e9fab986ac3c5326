import type { Pipeline } from '../definition/define.ts';
import { EXCLUSION } from '../exclusions/exclusion-request.ts';
import { EXPLAINED_EVENTS, EXPLAINED_VALUES } from '../explain/explained.ts';
import { CLOUD_EVENT } from '../ingest/cloud-event.ts';
import { LOOKUP_VERSION } from '../lookups/lookup-request.ts';
import { exampleOf } from './example.ts';
import { input, output, type Schema } from './json-schema.ts';
import { type Content, type NamedOperation, type Operation, problems } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { pipelineSchemas } from './pipeline-schemas.ts';
import { ROUTES, type Route, TAGS } from './routes.ts';
import { ACCEPTED, ANSWER, GENERATION, METRICS, PROBLEM, VALUES } from './schemas.ts';

/** The OpenAPI 3.1 document of a pipeline, from the routes and the schemas that validate requests. */
export const openApi = (pipeline: Pipeline): Schema => {
  const components = {
    securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Scopes: write (events), read (answers), admin.' } },
    schemas: {
      Accepted: output(ACCEPTED),
      Answer: output(ANSWER),
      CloudEvent: input(CLOUD_EVENT),
      Exclusion: output(EXCLUSION),
      LookupVersion: output(LOOKUP_VERSION),
      Generation: output(GENERATION),
      Metrics: output(METRICS),
      Problem: output(PROBLEM),
      Values: output(VALUES),
      ExplainedEvents: output(EXPLAINED_EVENTS),
      ExplainedValues: output(EXPLAINED_VALUES),
      ...pipelineSchemas(pipeline),
    },
  };
  const paths: Record<string, Record<string, object>> = {};
  const ids = new Set<string>();
  for (const route of ROUTES as readonly Route[]) {
    for (const operation of operationsOf(route, pipeline)) {
      const [method = '', path] = pathOf(route, operation);
      const operationId = unique(ids, operation.name === null ? route.operationId : `${route.operationId}_${operation.name.replace(/\W/g, '_')}`);
      (paths[path] ??= {})[method] = described(route, operation, operationId, { components });
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Twinstream', version: '0.1.0', description: 'Post events, query exact live numbers.', license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/', description: 'The server of this document.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    components,
    paths,
  };
};

const operationsOf = ({ key }: Route, pipeline: Pipeline): readonly NamedOperation[] => {
  const operation = OPERATIONS[key as keyof typeof OPERATIONS];
  return typeof operation === 'function' ? operation(pipeline) : [{ ...operation, name: null }];
};

/** Method and path, with the name in place of the first parameter. */
const pathOf = ({ key }: Route, { name }: NamedOperation): readonly [method: string, path: string] => {
  const [method = '', path = ''] = key.split(' ');
  return [method.toLowerCase(), (name === null ? path : path.replace(/\{\w+\}/, name)).replace('+}', '}')];
};

/** Names of event types may contain characters that are not allowed in an id. */
const unique = (taken: Set<string>, id: string): string => {
  let one = id;
  for (let n = 2; taken.has(one); n++) one = `${id}_${n}`;
  taken.add(one);
  return one;
};

const described = (
  { summary, tag, scope }: Route,
  { name, requestBody, responses, ...rest }: NamedOperation,
  operationId: string,
  document: object,
): object => ({
  operationId,
  tags: [tag],
  summary: name === null ? summary : `${summary}: ${name}`,
  ...(scope === null ? {} : { security: [{ token: [scope] }] }),
  ...rest,
  ...(requestBody === undefined ? {} : { requestBody: { ...requestBody, content: withExamples(requestBody.content, document) } }),
  responses: Object.fromEntries(
    Object.entries({ ...responses, ...commonOf(scope) }).map(([status, response]) => [
      status,
      response.content === undefined ? response : { ...response, content: withExamples(response.content, document) },
    ]),
  ),
});

/** What any call may answer. */
const commonOf = (scope: Route['scope']): Operation['responses'] =>
  problems(
    ...(scope === null
      ? []
      : ([
          [401, 'A token is needed.'],
          [403, 'The token does not permit this.'],
        ] as const)),
    [500, 'Something failed; the log says why. Or a stored file is damaged: the problem names it, and how to repair it.'],
  );

const withExamples = (content: Content, document: object): Content =>
  Object.fromEntries(
    Object.entries(content).map(([type, media]) => {
      if ('example' in media || !type.endsWith('json')) return [type, media];
      const example = exampleOf(media.schema, document);
      return [type, example === undefined ? media : { ...media, example }];
    }),
  );
