import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { kindText } from '../definition/call.ts';
import type { LookupNode, Scalar } from '../definition/definition.ts';
import { decimalLimit } from '../definition/kinds.ts';
import { COLUMN } from '../definition/lookup.ts';
import { cellReader } from '../fold/looked-up.ts';
import { badRequest, type Detail, Problem } from '../request/problem.ts';
import { MAX_TABLE_BYTES, type TableFile, type TableRow, tableFile } from './table-file.ts';

/** A table as it is sent, at most; every function that folds holds the tables that it looks up in memory. */
export const MAX_CSV_BYTES = 4_194_304;
export const MAX_ROWS = 100_000;
const MAX_COLUMNS = 64;
const MAX_KEY_BYTES = 1_024;
const MAX_SHOWN = 20;
const INTEGER_KEY = /^(0|-?[1-9]\d{0,15})$/;

export interface ParsedTable {
  readonly columns: readonly string[];
  /** Of rows. */
  readonly count: number;
  readonly file: TableFile;
}

/**
 * A table of CSV (RFC 4180) whose first line names the columns: the first is the key, and the values of those that the
 * pipeline reads must be of the kind that it says.
 * @param lookups of this table.
 * @throws {Problem} 400, 413 or 422
 */
export const parseTable = (body: Buffer, lookups: readonly LookupNode[]): ParsedTable => {
  if (body.length > MAX_CSV_BYTES) throw tooLarge(`${MAX_CSV_BYTES} bytes, got ${body.length}`);
  if (!isUtf8(body)) throw badRequest('Expected CSV in UTF-8, got other bytes.');
  let columns: readonly string[];
  let lines: readonly string[][];
  try {
    [columns = [], ...lines] = parse(body, { bom: true, skip_empty_lines: true, to: MAX_ROWS + 2, record_delimiter: ['\r\n', '\n', '\r'] }) as string[][];
  } catch (error) {
    throw badRequest(`Expected CSV: ${(error as Error).message}`);
  }
  const names = columns.map((name) => name.trim());
  checkColumns(names, lookups);
  if (lines.length === 0) throw badRequest('Expected rows after the line of names, got none. To look up in an earlier version again, undo the later ones.');
  if (lines.length > MAX_ROWS) throw tooLarge(`${MAX_ROWS} rows, got more`);
  const hasNumberKeys = lookups.length > 0 && lookups.every(({ args }) => args[0].kind === 'integer');
  const readers = names.map((name) => lookups.filter(({ column }) => column === name).map((node) => ({ node, read: cellReader(node) })));
  const errors: Detail[] = [];
  const keys = new Set<string>();
  const rows = lines.map((cells, i): TableRow => {
    const wrong = (path: string, message: string) => errors.push({ index: i, path, message });
    const [given = ''] = cells;
    const key = hasNumberKeys ? given.trim() : given;
    if (key === '' || Buffer.byteLength(key) > MAX_KEY_BYTES)
      wrong(names[0] ?? '', `Expected a key of 1 to ${MAX_KEY_BYTES} bytes, got ${Buffer.byteLength(key)}`);
    else if (hasNumberKeys && !INTEGER_KEY.test(key)) wrong(names[0] ?? '', `Expected an integer as the pipeline says, got '${key.slice(0, 64)}'`);
    else if (keys.has(key)) wrong(names[0] ?? '', `Expected each key once, got '${key.slice(0, 64)}' again`);
    keys.add(key);
    const row: Record<string, string> = {};
    for (const [at, name] of names.entries()) {
      const cell = cells[at] ?? '';
      if (at === 0 || cell === '') continue;
      const own = readers[at] ?? [];
      // Texts keep their spaces.
      row[name] = own.some(({ node }) => node.kind === 'text') ? cell : cell.trim();
      if (cell.includes('\0')) wrong(name, 'Expected text without NUL characters');
      // Several lookups may read the column.
      const odd = own.find(({ node, read }) => !fits(node, read(row[name] ?? '')));
      if (odd !== undefined) wrong(name, `Expected ${kindText(odd.node)} as the pipeline says, got '${cell.slice(0, 64)}'`);
    }
    return { key, row };
  });
  if (errors.length > 0)
    throw new Problem(422, 'invalid-table', 'The table is not published', `${errors.length} cells are wrong. Correct them and send the whole table again.`, {
      errors: errors.slice(0, MAX_SHOWN),
    });
  const file = tableFile(rows);
  if (file.bytes > MAX_TABLE_BYTES) throw tooLarge(`${MAX_TABLE_BYTES} bytes as JSON, got ${file.bytes}`);
  return { columns: names.slice(1), count: rows.length, file };
};

const fits = ({ kind, scale = 0 }: LookupNode, value: Scalar | null): boolean =>
  value !== null && (kind !== 'decimal' || (Math.abs(Number(value)) <= decimalLimit(scale) && Number(Number(value).toFixed(scale)) === value));

const checkColumns = (names: readonly string[], lookups: readonly LookupNode[]): void => {
  const listed = names.join(', ').slice(0, 200);
  if (names.length < 2 || names.length > MAX_COLUMNS)
    throw badRequest(`Expected a first line with the names of 2 to ${MAX_COLUMNS} columns, the key first, got '${listed}'`);
  const odd = names.find((name) => !COLUMN.test(name) || name === '__proto__');
  if (odd !== undefined)
    throw badRequest(`Expected names without quotes, backslashes, * and control characters in the first line, got ${JSON.stringify(odd.slice(0, 64))}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw badRequest(`Expected a first line with each name once, got '${twice.slice(0, 64)}' again`);
  const missing = lookups.find(({ column }) => !names.slice(1).includes(column));
  if (missing !== undefined)
    throw badRequest(`Expected a column '${missing.column}', which the pipeline reads, after the key; got ${listed}. Add it, or name another in the pipeline.`);
};

const tooLarge = (what: string): Problem =>
  new Problem(413, 'too-large', 'The table is too large', `Expected a table of at most ${what}. Leave out columns and rows that no metric needs.`);
