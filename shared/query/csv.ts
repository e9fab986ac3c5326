import type { MetricDefinition } from '../definition/definition.ts';
import type { Json } from '../measures/measure.ts';
import { innerNames } from '../measures/value-names.ts';
import type { Answer } from './answered.ts';
import type { Plan } from './plan.ts';
import type { Row } from './rows.ts';

type Shown = Pick<Plan, 'by' | 'figures' | 'compare' | 'top' | 'reads' | 'splits'>;

/**
 * An answer's rows as CSV (RFC 4180): percentiles in columns of their own, lists as JSON text; null is an empty cell, and an empty
 * text is quoted. The columns are those of the query, whatever rows there are. Texts come from whoever posts events, and a
 * spreadsheet would run some as formulas: those get a single quote in front. Numbers are unchanged.
 */
export const csv = ({ rows }: Pick<Answer, 'rows'>, definition: MetricDefinition, plan: Shown): string => {
  const columns = columnsOf(definition, plan);
  const lines = [columns.map(({ path }) => quote(path.join('.'))), ...rows.map((row) => columns.map((column) => cell(valueIn(row, column), column.isText)))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
};

/** An answer's rows as one JSON object a line. */
export const ndjson = ({ rows }: Pick<Answer, 'rows'>): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Everything in an answer besides its rows and its cut, as JSON for a header, since a table and lines have no place for it. */
export const answerHeader = ({ rows: _, provenance: { cut: __, ...provenance }, ...facts }: Answer): string =>
  JSON.stringify({ ...facts, provenance }).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

interface Column {
  /** Where its values are in a row; its title. */
  readonly path: readonly string[];
  readonly isText: boolean;
}
const columnsOf = ({ dimensions, measures }: MetricDefinition, { by, figures, compare, top, reads, splits }: Shown): Column[] => {
  const shown = figures.flatMap((figure): Column[] => {
    if (figure.kind === 'formula') return [{ path: [figure.name], isText: false }];
    const measure = measures[figure.index] as (typeof measures)[number];
    const isText = measure.of?.kind === 'text';
    const inner = innerNames(measure);
    return inner.length === 0 ? [{ path: [measure.name], isText }] : inner.map((name) => ({ path: [measure.name, name], isText }));
  });
  const added = figures.flatMap((figure) => (figure.kind === 'measure' && splits?.includes(reads.indexOf(figure.index)) ? [figure.name] : []));
  return [
    { path: ['window'], isText: false },
    ...by.map((place) => ({ path: [place.name], isText: place.kind === 'dimension' && dimensions[place.index]?.of.kind === 'text' })),
    ...shown,
    ...(compare === null ? [] : shown.map(({ path, isText }) => ({ path: ['previous', ...path], isText }))),
    ...(splits === null ? [] : ['batch', 'live'].flatMap((side) => added.map((name) => ({ path: ['parts', side, name], isText: false })))),
    ...(splits === null ? [] : [{ path: ['part'], isText: false }]),
    ...(top?.other ? [{ path: ['other'], isText: false }] : []),
  ];
};

const valueIn = (row: Row, { path }: Column): Json => {
  let value: Json = row;
  for (const name of path) value = isObject(value) ? (value[name] ?? null) : null;
  return value;
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
