import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { shapeOf } from '../definition/kinds.ts';
import type { Misread } from './json-text.ts';

/**
 * Numbers of fields that the schema does not know stay as they were written, whatever JavaScript would make of them: nobody
 * here reads them, and a later definition may. They go through JSON.parse as texts, and back into the line as they came.
 */
const MARK = randomUUID();
const MARKED = new RegExp(`"${MARK}:([^"]*)"`, 'g');

/** A text whose numbers at these places have become marked texts. */
export const withMarks = (text: string, numbers: readonly Misread[]): string => {
  let marked = '';
  let at = 0;
  for (const { start, end } of numbers) {
    marked += `${text.slice(at, start)}"${MARK}:${text.slice(start, end)}"`;
    at = end;
  }
  return marked + text.slice(at);
};

/** A line with its marked texts as the numbers that they were. */
export const withoutMarks = (line: string): string => line.replace(MARKED, '$1');

/** Whether nothing in the schema reads the value at this path: a name that it does not know, or a value of any kind. */
export const isUnread = (schema: z.ZodType, path: readonly (string | number)[]): boolean => {
  let at: z.ZodType = schema;
  for (const name of path) {
    const shape = shapeOf(at);
    if (shape === undefined) break;
    const inner = Object.hasOwn(shape, String(name)) ? shape[String(name)] : undefined;
    if (inner === undefined) return true;
    at = inner;
  }
  return ['unknown', 'any'].includes(at._zod.def.type);
};
