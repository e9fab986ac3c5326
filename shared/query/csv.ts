import type { MetricDefinition } from '../definition/definition.ts';
import { compileMeasures } from '../fold/metric.ts';
import type { Json } from '../measures/measure.ts';
import type { Answer } from './answer.ts';
import type { Row } from './merge.ts';
import type { Query } from './query.ts';

/**
 * An answer's rows as CSV (RFC 4180): percentiles in columns of their own, lists as JSON text; null is an empty cell, and an empty
 * text is quoted. The columns are those of the query, whatever rows there are. Texts come from whoever posts events, and a
 * spreadsheet would run some as formulas: those get a single quote in front. Numbers are unchanged.
 */
export const csv = ({ rows }: Answer, definition: MetricDefinition, query: Query): string => {
  const columns = columnsOf(definition, query);
  const lines = [columns.map(({ title }) => quote(title)), ...rows.map((row) => columns.map((column) => cell(valueIn(row, column), column.isText)))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
};

/** Everything in an answer besides its rows, as JSON for a header, since a table has no place for it. */
export const answerHeader = ({ rows: _, ...facts }: Answer): string =>
  JSON.stringify(facts).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

interface Column {
  readonly title: string;
  readonly name: string;
  /** For an answer that is an object. */
  readonly inner: string | null;
  readonly isText: boolean;
}
const columnsOf = ({ dimensions, measures }: MetricDefinition, { by, measures: asked }: Query): Column[] => {
  const compiled = compileMeasures(measures);
  return [
    { title: 'window', name: 'window', inner: null, isText: false },
    ...by.flatMap((i) => {
      const { name = '', of } = dimensions[i] ?? {};
      return [{ title: name, name, inner: null, isText: of?.kind === 'text' }];
    }),
    ...asked.flatMap((i): Column[] => {
      const { name = '', measure } = compiled[i] ?? {};
      const nothing = measure?.present(measure.zero()) ?? null;
      const isText = measures[i]?.of?.kind === 'text';
      return isObject(nothing)
        ? Object.keys(nothing).map((inner) => ({ title: `${name}.${inner}`, name, inner, isText }))
        : [{ title: name, name, inner: null, isText }];
    }),
  ];
};

const valueIn = (row: Row, { name, inner }: Column): Json => {
  const value = row[name] ?? null;
  return inner === null || !isObject(value) ? value : (value[inner] ?? null);
};

const cell = (value: Json, isText: boolean): string => {
  if (value === null) return '';
  if (value === '') return '""';
  if (typeof value === 'object') return quote(JSON.stringify(value));
  return quote(isText && typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value));
};
/** The prefixes of formulas: owasp.org/www-community/attacks/CSV_Injection, and ASVS 1.2.10. */
const FORMULA = /^[=+\-@\t\r\n\0＝＋－＠]/;
const isObject = (value: Json): value is { readonly [key: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);
const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
