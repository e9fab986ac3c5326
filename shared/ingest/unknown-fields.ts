import type { z } from 'zod';
import { isBareObject, shapeOf, unwrap } from '../definition/kinds.ts';
import { nearest } from '../definition/mistakes.ts';
import { zodDef } from '../definition/zod-def.ts';
import type { Detail } from '../request/problem.ts';
import { isObject, type JsonObject } from './json-kinds.ts';

/**
 * Why an object is not an event but contains one, or many: clients put them under a name such as batch, events or data. Null
 * if it has a field of the schema, or if the schema may rename fields.
 */
export const wrappedIn = (schema: z.ZodType, value: JsonObject): Detail | null => {
  if (!isBareObject(schema)) return null;
  const shape = shapeOf(schema) ?? {};
  const isKnown = (name: string) => Object.hasOwn(shape, name);
  if (Object.keys(value).some(isKnown)) return null;
  for (const [name, inner] of Object.entries(value)) {
    if (Array.isArray(inner) && inner.some(isObject))
      return {
        path: name,
        message: `Expected one event, got an object with a list under '${name}'. Send the list itself: an array, or an object a line.`,
      };
    if (isObject(inner) && Object.keys(inner).some(isKnown))
      return { path: name, message: `Expected an event, got an object with one under '${name}'. Send what is in it.` };
  }
  return null;
};

/** Why an object that a schema accepts, since it requires no field, is not an event: it has fields, but none that the schema knows. */
export const knowsNone = (schema: z.ZodType, value: JsonObject): Detail | null => {
  const names = Object.keys(value);
  const shape = shapeOf(schema) ?? {};
  if (!isBareObject(schema) || zodDef(unwrap(schema)).catchall !== undefined || names.length === 0) return null;
  if (names.some((name) => Object.hasOwn(shape, name))) return null;
  return { message: `Expected some of the fields ${Object.keys(shape).join(', ')}, got none of them, but ${names.join(', ').slice(0, 200)}` };
};

const MAX_UNKNOWN = 20;
/** Errors for fields that a schema does not know, for a strict event type. */
export const unknownFields = (schema: z.ZodType, value: unknown): Detail[] => {
  const found: Detail[] = [];
  const walk = (at: z.ZodType, inner: unknown, path: string): void => {
    const shape = shapeOf(at);
    const { element, valueType } = zodDef(unwrap(at));
    if (Array.isArray(inner) && element !== undefined) for (const [i, item] of inner.entries()) walk(element, item, `${path}${i}.`);
    if (!isObject(inner)) return;
    for (const [name, value] of Object.entries(inner)) {
      const field = shape === undefined ? valueType : Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (field !== undefined) walk(field, value, `${path}${name}.`);
      else if (shape !== undefined && found.length < MAX_UNKNOWN) found.push(unknownField(path, name, Object.keys(shape)));
    }
  };
  walk(schema, value, '');
  return found;
};
const unknownField = (path: string, name: string, known: readonly string[]): Detail => {
  const meant = nearest(name, known);
  return { path: path + name, message: `Expected the fields ${known.join(', ')}, got '${name.slice(0, 100)}'${meant === null ? '' : `: write ${meant}`}` };
};
