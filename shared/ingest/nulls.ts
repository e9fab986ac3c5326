import type { z } from 'zod';
import { shapeOf } from '../definition/kinds.ts';
import { isObject, type JsonObject } from './json-kinds.ts';

/** Fields that may be missing, but not null; and those that are objects. */
interface Nullable {
  readonly names: readonly string[];
  readonly inner: readonly (readonly [name: string, of: Nullable])[];
}
const known = new WeakMap<z.ZodType, Nullable>();

const takes = (schema: z.ZodType, value: unknown): boolean => {
  try {
    return schema.safeParse(value).success;
  } catch {
    return false;
  }
};

const nullableOf = (schema: z.ZodType): Nullable => {
  let found = known.get(schema);
  if (found === undefined) {
    const fields = Object.entries(shapeOf(schema) ?? {});
    found = {
      names: fields.filter(([, field]) => takes(field, undefined) && !takes(field, null)).map(([name]) => name),
      inner: fields.flatMap(([name, field]) => (shapeOf(field) === undefined ? [] : [[name, nullableOf(field)] as const])),
    };
    known.set(schema, found);
  }
  return found;
};

/**
 * An event with nothing in place of the nulls of optional fields: null there means missing, as most writers mean it. The event
 * itself where there are none. The names stay, so that no schema finds what every object inherits under them.
 */
export const withoutNulls = (schema: z.ZodType, raw: JsonObject): JsonObject => without(nullableOf(schema), raw);

const without = ({ names, inner }: Nullable, raw: JsonObject): JsonObject => {
  const nulls = names.filter((name) => Object.hasOwn(raw, name) && raw[name] === null);
  const changed = inner.flatMap(([name, of]) => {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (!isObject(value)) return [];
    const clean = without(of, value);
    return clean === value ? [] : [[name, clean] as const];
  });
  if (nulls.length === 0 && changed.length === 0) return raw;
  return { ...raw, ...Object.fromEntries([...nulls.map((name) => [name, undefined] as const), ...changed]) };
};
