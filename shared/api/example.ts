import type { Schema } from './json-schema.ts';

const TIME = '2026-11-21T10:00:00.000Z';
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': TIME,
  date: TIME.slice(0, 10),
  time: '10:00:00',
  duration: 'PT1H',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  uuid: '0b7f3f4e-5c1d-4c8b-9a51-6f0f6d6c1a2b',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

/** How deep a schema that refers to itself is followed. */
const MAX_DEPTH = 12;

/**
 * A value that a schema accepts, with only what it requires, texts named by their position; undefined if none can be derived from the schema.
 * @param document in which references are resolved.
 */
export const exampleOf = (schema: Schema, document: object, name = 'text', depth = 0): unknown => {
  const within = (inner: unknown, at: string) => (depth === MAX_DEPTH ? undefined : exampleOf(inner as Schema, document, at, depth + 1));
  if (typeof schema.$ref === 'string') return within(resolved(schema.$ref, document), name);
  if (Array.isArray(schema.examples)) return schema.examples[0];
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const choices = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(choices)) return within(choices[0], name);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string':
      return text(schema, name);
    case 'integer':
    case 'number':
      return number(schema);
    case 'boolean':
      return false;
    case 'array':
      return [within(schema.items ?? {}, name)].filter((item) => item !== undefined);
    case 'object':
      return Object.fromEntries(
        ((schema.required ?? []) as readonly string[]).flatMap((property) => {
          const value = within((schema.properties as Readonly<Record<string, unknown>> | undefined)?.[property] ?? {}, property);
          return value === undefined ? [] : [[property, value]];
        }),
      );
    default:
      return undefined;
  }
};

const resolved = (pointer: string, document: object): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((at, part) => (at as Readonly<Record<string, unknown>> | undefined)?.[part], document) ?? {};

const text = ({ format, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Schema, name: string): string | undefined => {
  if (typeof format === 'string') return FORMATS[format];
  return pattern === undefined ? name.padEnd(Number(minLength), '.').slice(0, Number(maxLength)) : undefined;
};

const number = ({ type, minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf }: Schema): number => {
  const step = typeof multipleOf === 'number' ? multipleOf : type === 'integer' ? 1 : 0.5;
  const low = typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + step : Number.NEGATIVE_INFINITY;
  const high = typeof maximum === 'number' ? maximum : typeof exclusiveMaximum === 'number' ? exclusiveMaximum - step : Number.POSITIVE_INFINITY;
  return Math.min(high, Math.max(low, 12));
};
