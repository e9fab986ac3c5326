import { z } from 'zod';

/** A JSON Schema, as OpenAPI 3.1 has them (draft 2020-12). */
export type Schema = Readonly<Record<string, unknown>>;

/** A schema of a request. */
export const input = (schema: z.ZodType): Schema => toSchema(schema, 'input', []);
/** A schema of a response. */
export const output = (schema: z.ZodType): Schema => toSchema(schema, 'output', [unbounded]);

type Changing = Record<string, unknown>;
const toSchema = (schema: z.ZodType, io: 'input' | 'output', changes: readonly ((schema: Changing) => void)[]): Schema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      for (const change of [scaled, timed, ...changes]) change(jsonSchema as Changing);
    },
  });
  return rest;
};

/** For a `time`, its accepted forms, and numbers if they have a unit. */
const timed = (schema: Changing): void => {
  if (typeof schema.time !== 'object' || schema.time === null) return;
  const text = { type: 'string', format: 'date-time' };
  const taken = schema.time;
  delete schema.time;
  delete schema.type;
  delete schema.pattern;
  delete schema.format;
  schema.anyOf = 'unit' in taken ? [text, { type: 'number' }] : [text];
};
const scaled = (schema: Changing): void => {
  if (typeof schema.scale !== 'number') return;
  schema.multipleOf = Number(`1e-${schema.scale}`);
  delete schema.scale;
};
/** Zod's bounds of every integer carry no information in a response. */
const unbounded = (schema: Changing): void => {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
};
