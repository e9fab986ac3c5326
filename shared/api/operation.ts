import type { Pipeline } from '../definition/define.ts';
import type { Schema } from './json-schema.ts';
import type { KeysOf, TAGS } from './routes.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
  readonly example?: unknown;
  readonly style?: 'deepObject';
}
export interface Media {
  readonly schema: Schema;
  /** If missing, one is derived from the schema. */
  readonly example?: unknown;
}
export type Content = Readonly<Record<string, Media>>;
/** The parameters, body and responses of a route, by status. Responses that any route may give are added. */
export interface Operation {
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<number, { readonly description: string; readonly content?: Content }>>;
}
/** The operation for one event type, metric or entity, which the path names; null for any other. */
export interface NamedOperation extends Operation {
  readonly name: string | null;
}
/** The operations of a tag's routes: of each, and of no other. */
export type Operations<T extends keyof typeof TAGS> = {
  readonly [K in KeysOf<{ readonly tag: T }>]: Operation | ((pipeline: Pipeline) => readonly NamedOperation[]);
};

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const json = (schema: Schema, description: string) => ({ description, content: { 'application/json': { schema } } });
/** A body of JSON that may be left out. */
export const optionalBody = (schema: Schema, example: unknown) => ({ required: false, content: { 'application/json': { schema, example } } });
export const problems = (...statuses: readonly (readonly [status: number, description: string])[]): Operation['responses'] =>
  Object.fromEntries(
    statuses.map(([status, description]) => {
      const [kind, title] = USUAL_PROBLEMS[status] ?? [];
      const example = kind === undefined ? undefined : { type: `urn:twinstream:problem:${kind}`, title, status, detail: description };
      return [status, { description, content: { 'application/problem+json': { schema: ref('Problem'), example } } }];
    }),
  );
/** The usual kind and title of a problem, by status. */
const USUAL_PROBLEMS: Readonly<Record<number, readonly [kind: string, title: string]>> = {
  400: ['bad-request', 'The request cannot be read'],
  401: ['unauthorized', 'A token is needed'],
  403: ['forbidden', 'The token does not permit this'],
  404: ['not-found', 'Not found'],
  409: ['cut-gone', 'The number can no longer be explained'],
  413: ['too-large', 'The request is too large'],
  415: ['unsupported-media-type', 'Unsupported kind of body'],
  422: ['invalid-events', 'No event was accepted'],
  429: ['too-many-clients', 'Too many live clients'],
  500: ['internal', 'Something failed here'],
  501: ['no-search', 'This stage has no search'],
  503: ['unavailable', 'Not available now'],
};

export const query = (name: string, description: string, schema: Schema, example?: unknown): Parameter => ({
  ...{ name, in: 'query', required: false, description, schema },
  ...(example === undefined ? {} : { example }),
});
export const header = (name: string, description: string, schema: Schema, example?: unknown): Parameter => ({
  ...{ name, in: 'header', required: false, description, schema },
  ...(example === undefined ? {} : { example }),
});
export const inPath = (name: string, description: string, example: string): Parameter => ({
  ...{ name, in: 'path', required: true, description, schema: TEXT, example },
});

/** What a call answers whose work goes on after it. */
export const RUNNING: Schema = {
  type: 'object',
  properties: { running: { type: 'boolean', const: true } },
  required: ['running'],
  additionalProperties: false,
};
export const TEXT: Schema = { type: 'string' };
export const TIME: Schema = {
  type: 'string',
  pattern: '^(now|-[0-9]{1,6}[smhdw]|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.,]+([Zz]|[-+ ][0-9:]+)?)?)$',
  description: 'ISO 8601, or relative to now such as -24h.',
};
export const HASH: Schema = { type: 'string', pattern: '^[0-9a-f]{12}$' };
export const limitOf = (maximum: number): Schema => ({ type: 'integer', minimum: 1, maximum });
/** Some of these names, comma-separated. */
export const namesOf = (names: readonly string[], before: string): Schema => ({
  type: 'string',
  pattern: `^${before}(${names.join('|')})(,${before}(${names.join('|')}))*$`,
});
