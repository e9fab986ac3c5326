import type { z } from 'zod';
import type { EventType } from '../definition/define.ts';
import { fieldAt, kindOf } from '../definition/kinds.ts';
import { timeOptionsOf } from '../definition/time.ts';
import { expectedTime } from '../definition/time-hints.ts';
import type { Detail } from '../request/problem.ts';
import { isObject, type JsonObject, short } from './json-kinds.ts';
import { withoutNulls } from './nulls.ts';
import { knowsNone, unknownFields } from './unknown-fields.ts';

const MAX_ISSUES = 20;

/**
 * An event's data as it is stored: as it came, with what its schema changed (defaults, transforms) on top. Fields that the
 * schema does not know are kept for a later definition, unless the type is strict. If the data is invalid, the errors.
 */
export const checkData = (
  { schema, options }: EventType,
  raw: JsonObject,
  given: JsonObject,
): { readonly data: JsonObject } | { readonly errors: readonly Detail[] } => {
  try {
    const result = schema.safeParse(withoutNulls(schema, raw));
    if (!result.success) return { errors: result.error.issues.slice(0, MAX_ISSUES).map((issue) => detailOf(issue, schema, options.time, raw)) };
    const none = knowsNone(schema, given);
    if (none !== null) return { errors: [none] };
    const unknown = options.strict === true ? unknownFields(schema, given) : [];
    return unknown.length > 0 ? { errors: unknown } : { data: overlay(raw, isObject(result.data) ? result.data : {}) };
  } catch (error) {
    return { errors: [{ message: `The schema failed: ${(error as Error).message}` }] };
  }
};

/** A schema's error, with the value that it is about; for a time, with how to accept it. */
const detailOf = (issue: z.core.$ZodIssue, schema: z.ZodType, timeField: string, raw: JsonObject): Detail => {
  const path = issue.path.map(String);
  const value = path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? at[name as keyof typeof at] : undefined),
    raw,
  );
  const field = fieldAt(schema, path);
  const isTime = path.length === 1 && path[0] === timeField;
  const text = path.join('.');
  if (field !== undefined && timeOptionsOf(field) !== null) return { path: text, message: issue.message };
  if (value !== undefined && (isTime || (issue.code === 'invalid_format' && issue.format === 'datetime')))
    return { path: text, message: timeMessage(value, field) };
  const isShown = issue.code === 'invalid_type' || !shows(value) || issue.message.includes(short(value));
  return { path: text, message: isShown ? issue.message : `${issue.message}, got ${short(value)}` };
};
const shows = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** What is wrong with the value of a time field whose schema is not a `time`. */
export const timeMessage = (value: unknown, field: z.ZodType | undefined): string =>
  expectedTime(value, field !== undefined && kindOf(field) === 'integer' ? { unit: 'ms' } : null);

const overlay = (raw: JsonObject, checked: JsonObject): JsonObject => {
  let merged: Record<string, unknown> | null = null;
  for (const name in checked) {
    const value = checked[name];
    const before = raw[name];
    if (value === before || value === undefined) continue;
    const after = isObject(value) && isObject(before) ? overlay(before, value) : value;
    if (after === before || (Array.isArray(after) && JSON.stringify(after) === JSON.stringify(before))) continue;
    merged ??= { ...raw };
    Object.defineProperty(merged, name, { value: after, enumerable: true, configurable: true, writable: true });
  }
  return merged ?? raw;
};
