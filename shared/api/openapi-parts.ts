import { z } from 'zod';

/** What an OpenAPI document is made of. */

export type Schema = Readonly<Record<string, unknown>>;
export interface Operation {
  readonly summary: string;
  readonly security?: unknown;
  readonly parameters?: unknown;
  readonly requestBody?: unknown;
  readonly responses: object;
}
export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;
export const json = (schema: Schema, description: string) => ({ description, content: { 'application/json': { schema } } });
export const problems = (...statuses: readonly [status: number, description: string][]) =>
  Object.fromEntries(
    statuses.map(([status, description]) => [
      status,
      { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    ]),
  );
export const query = (name: string, description: string, schema: Schema) => ({ name, in: 'query', required: false, description, schema });
export const TEXT: Schema = { type: 'string' };
export const TIME: Schema = {
  type: 'string',
  pattern: '^(now|-[0-9]{1,6}[smhdw]|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.,]+([Zz]|[-+ ][0-9:]+)?)?)$',
  description: 'ISO 8601, or relative to now such as -24h.',
};
/** Some of these names, comma-separated. */
export const namesOf = (names: readonly string[], before: string): Schema => ({
  type: 'string',
  pattern: `^${before}(${names.join('|')})(,${before}(${names.join('|')}))*$`,
});
export const header = (name: string, description: string, schema: Schema) => ({ name, in: 'header', required: false, description, schema });

/** A schema of what is asked. */
export const input = (schema: z.ZodType): Schema => toSchema(schema, 'input');
/** A schema of what is answered. */
export const output = (schema: z.ZodType): Schema => toSchema(schema, 'output');
const toSchema = (schema: z.ZodType, io: 'input' | 'output'): Schema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      scaled(jsonSchema as Record<string, unknown>);
      timed(jsonSchema as Record<string, unknown>);
    },
  });
  return rest;
};
/** Of a `time`, the form that each takes, and numbers where they have a unit. */
const timed = (schema: Record<string, unknown>): void => {
  if (typeof schema.time !== 'object' || schema.time === null) return;
  const text = { type: 'string', format: 'date-time' };
  const taken = schema.time;
  delete schema.time;
  delete schema.type;
  delete schema.pattern;
  delete schema.format;
  schema.anyOf = 'unit' in taken ? [text, { type: 'number' }] : [text];
};
const scaled = (schema: Record<string, unknown>): void => {
  if (typeof schema.scale !== 'number') return;
  schema.multipleOf = Number(`1e-${schema.scale}`);
  delete schema.scale;
};
