import type { z } from 'zod';
import { shapeOf, unwrap } from '../definition/kinds.ts';
import { zodDef } from '../definition/zod-def.ts';
import { isObject, type JsonObject } from './json-kinds.ts';

type Clean = (value: unknown) => unknown;
const known = new WeakMap<z.ZodType, Clean>();

/**
 * Removes the nulls of optional fields from an event, also in objects within arrays, records and unions: null there means
 * missing, as most writers intend. Returns the event itself if there are none. The names are kept, so that no schema finds
 * what every object inherits under them.
 */
export const withoutNulls = (schema: z.ZodType, raw: JsonObject): JsonObject => cleanerOf(schema)(raw) as JsonObject;

const cleanerOf = (schema: z.ZodType): Clean => {
  let found = known.get(schema);
  if (found === undefined) known.set(schema, (found = cleaner(schema)));
  return found;
};

/** Inner schemas are looked at only when there is a value, because a schema may contain itself. */
const cleaner = (schema: z.ZodType): Clean => {
  const shape = shapeOf(schema);
  if (shape !== undefined) return ofObject(shape);
  const { element, valueType, items, options, getter } = zodDef(unwrap(schema));
  if (getter !== undefined) return (value) => cleanerOf(getter())(value);
  if (element !== undefined) return (value) => (Array.isArray(value) ? changedItems(value, () => element) : value);
  if (items !== undefined) return (value) => (Array.isArray(value) ? changedItems(value, (i) => items[i]) : value);
  if (valueType !== undefined) return (value) => (isObject(value) ? changedFields(value, Object.keys(value), () => valueType) : value);
  if (options !== undefined) return (value) => (holdsNull(value) ? ofUnion(options, value) : value);
  return (value) => value;
};

const ofObject = (shape: Readonly<Record<string, z.ZodType>>): Clean => {
  /** Fields that may be missing, but not null. */
  const optional = Object.entries(shape).flatMap(([name, field]) => (takes(field, undefined) && !takes(field, null) ? [name] : []));
  const names = Object.keys(shape);
  return (value) => {
    if (!isObject(value)) return value;
    const nulls = optional.filter((name) => Object.hasOwn(value, name) && value[name] === null);
    const rest = nulls.length === 0 ? value : { ...value, ...Object.fromEntries(nulls.map((name) => [name, undefined])) };
    return changedFields(rest, names, (name) => shape[name]);
  };
};

const ofUnion = (options: readonly z.ZodType[], value: unknown): unknown => {
  for (const option of options) {
    const clean = cleanerOf(option)(value);
    if (takes(option, clean)) return clean;
  }
  return value;
};

const changedFields = (value: JsonObject, names: readonly string[], schemaOf: (name: string) => z.ZodType | undefined): JsonObject => {
  let changed: Record<string, unknown> | null = null;
  for (const name of names) {
    const inner = Object.hasOwn(value, name) ? value[name] : null;
    const schema = typeof inner === 'object' && inner !== null ? schemaOf(name) : undefined;
    if (schema === undefined) continue;
    const clean = cleanerOf(schema)(inner);
    if (clean === inner) continue;
    changed ??= { ...value };
    Object.defineProperty(changed, name, { value: clean, enumerable: true, configurable: true, writable: true });
  }
  return changed ?? value;
};

const changedItems = (value: readonly unknown[], schemaOf: (i: number) => z.ZodType | undefined): readonly unknown[] => {
  const clean = value.map((item, i) => {
    const schema = typeof item === 'object' && item !== null ? schemaOf(i) : undefined;
    return schema === undefined ? item : cleanerOf(schema)(item);
  });
  return clean.some((item, i) => item !== value[i]) ? clean : value;
};

const holdsNull = (value: unknown): boolean => typeof value === 'object' && (value === null || Object.values(value).some(holdsNull));

const takes = (schema: z.ZodType, value: unknown): boolean => {
  try {
    return schema.safeParse(value).success;
  } catch {
    return false;
  }
};
