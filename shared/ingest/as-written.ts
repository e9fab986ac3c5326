import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { fieldAt, kindOf, shapeOf } from '../definition/kinds.ts';
import { timeOptionsOf } from '../definition/time.ts';
import { type Misread, misreadsOf } from './json-text.ts';

/** What JSON.parse changed in a text's numbers and names. */
export interface Reading {
  /** Changes that matter for the event; only some of them. */
  readonly wrong: readonly Misread[];
  /** The text to parse instead of this one, for `withoutMarks` of what is stored; null if nothing has to be preserved. */
  readonly instead: string | null;
}

const MAX_WRONG = 10;
/** Numbers of one event that are preserved as they were written. */
const MAX_KEPT = 10_000;

/**
 * Finds what JSON.parse silently changed. Numbers of fields that the schema does not know are preserved as they were written,
 * since nothing reads them yet, and a later definition may; those of a `time` are parsed digit by digit; a float field holds a
 * double, however many digits its text has.
 * @param at 'data.' if the data is in an envelope, else ''.
 */
export const readingOf = (text: string, schema: z.ZodType, at: string): Reading => {
  const use = useOf(schema, at);
  const isHarmless = (misread: Misread) => use(misread) !== 'wrong';
  const first = misreadsOf(text, MAX_WRONG);
  // Most events have none; only if all of the first are harmless are the others looked at.
  const found = first.length === MAX_WRONG && first.every(isHarmless) ? misreadsOf(text, MAX_KEPT) : first;
  const isTooMany = found.length === MAX_KEPT;
  const wrong = found.filter((misread) => isTooMany || !isHarmless(misread)).slice(0, MAX_WRONG);
  const replaced = found.filter((misread) => use(misread) === 'kept' || use(misread) === 'digits');
  return { wrong, instead: wrong.length > 0 || replaced.length === 0 ? null : withTexts(text, replaced, (one) => (use(one) === 'kept' ? `${MARK}:` : '')) };
};

type Use = 'wrong' | 'double' | 'kept' | 'digits';
const useOf =
  (schema: z.ZodType, at: string) =>
  ({ path, isNumber }: Misread): Use => {
    if (!isNumber || (at !== '' && path[0] !== 'data')) return 'wrong';
    const inData = at === '' ? path : path.slice(1);
    if (isUnread(schema, inData)) return 'kept';
    const field = fieldAt(schema, inData);
    if (field === undefined) return 'wrong';
    return timeOptionsOf(field)?.unit !== undefined ? 'digits' : kindOf(field) === 'float' ? 'double' : 'wrong';
  };

/** Whether nothing in the schema reads the value at this path: its name is unknown, or any value is allowed. */
const isUnread = (schema: z.ZodType, path: readonly (string | number)[]): boolean => {
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

/** A mark before a number in a text: survives JSON.parse, and is removed from the line. */
const MARK = randomUUID();
const MARKED = new RegExp(`"${MARK}:([^"]*)"`, 'g');

/** A JSON text with these numbers turned into texts. */
const withTexts = (text: string, numbers: readonly Misread[], before: (number: Misread) => string): string => {
  let changed = '';
  let at = 0;
  for (const number of numbers) {
    changed += `${text.slice(at, number.start)}"${before(number)}${text.slice(number.start, number.end)}"`;
    at = number.end;
  }
  return changed + text.slice(at);
};

/** A line with its marked texts turned back into numbers. */
export const withoutMarks = (line: string): string => line.replace(MARKED, '$1');
