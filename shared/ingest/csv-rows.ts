import { parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { fieldAt, type Kind, kindOf, shapeOf } from '../definition/kinds.ts';
import { badRequest } from '../request/problem.ts';
import { LIMITS } from './submitted.ts';

/**
 * The rows of CSV (RFC 4180) as objects. The first line names the fields, `geo.country` one in a nested object; values are
 * converted to the kind of their field if they look like it, and an empty cell is a missing field.
 * @throws {Problem} 400 if it is not CSV, or its first line names no field.
 */
export const rowsOf = (text: string, schema: z.ZodType): Record<string, unknown>[] => {
  let names: readonly string[] = [];
  let rows: string[][];
  try {
    [names = [], ...rows] = parse(text, { bom: true, skip_empty_lines: true, to: LIMITS.events + 2, record_delimiter: ['\r\n', '\n', '\r'] }) as string[][];
  } catch (error) {
    throw badRequest(`Expected CSV, as Content-Type says: ${(error as Error).message}`);
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw badRequest(`Expected a first line with the names of fields, each once, got '${twice.slice(0, 100)}' again`);
  const known = Object.keys(shapeOf(schema) ?? {});
  if (names.length === 0 || !names.some((name) => known.includes(name.trim().split('.')[0] ?? '')))
    throw badRequest(`Expected a first line with the names of fields, some of ${known.join(', ')}, got '${names.join(',').slice(0, 100)}'`);
  const columns = names.map((name) => {
    const path = name.trim().split('.');
    const field = fieldAt(schema, path);
    return { path, kind: field === undefined ? 'other' : kindOf(field) } as const;
  });
  return rows.map((row) => {
    const event: Record<string, unknown> = {};
    for (const [i, { path, kind }] of columns.entries()) {
      const cell = row[i] ?? '';
      if (cell !== '') setAt(event, path, cellValue(cell, kind));
    }
    return event;
  });
};

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;
/** A value that does not look like its kind stays text, so that the schema refuses it with its own message. */
const cellValue = (cell: string, kind: Kind): unknown => {
  const trimmed = cell.trim();
  if (kind === 'integer' || kind === 'decimal' || kind === 'float') return NUMBER.test(trimmed) ? Number(trimmed) : cell;
  if (kind === 'boolean') return /^true$/i.test(trimmed) ? true : /^false$/i.test(trimmed) ? false : cell;
  return cell;
};

const setAt = (event: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void => {
  if (rest.length === 0) Object.defineProperty(event, name, { value, enumerable: true, configurable: true, writable: true });
  else {
    const inner = Object.hasOwn(event, name) ? event[name] : undefined;
    const target = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
    setAt(target, rest, value);
    Object.defineProperty(event, name, { value: target, enumerable: true, configurable: true, writable: true });
  }
};
