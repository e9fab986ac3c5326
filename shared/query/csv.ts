import type { MetricDefinition } from '../definition/definition.ts';
import type { Json } from '../measures/measure.ts';
import type { Answer } from './answer.ts';

/**
 * An answer's rows as CSV (RFC 4180): percentiles in columns of their own, lists as JSON text. Whoever posts events chooses
 * texts, and a spreadsheet would run some as formulas: those have a single quote before them. Numbers are as they are.
 */
export const csv = ({ rows }: Answer, definition: MetricDefinition): string => {
  const flat = rows.map((row) =>
    Object.entries(row).flatMap(([name, value]): [string, Json][] =>
      isObject(value) ? Object.entries(value).map(([inner, x]) => [`${name}.${inner}`, x]) : [[name, value]],
    ),
  );
  const names = flat[0]?.map(([name]) => name) ?? ['window', ...definition.measures.map(({ name }) => name)];
  const lines = [names, ...flat.map((row) => row.map(([, value]) => cell(value)))];
  return lines.map((line) => `${line.map(quote).join(',')}\r\n`).join('');
};

const cell = (value: Json): string => {
  if (value === null) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
};
/** How formulas begin: owasp.org/www-community/attacks/CSV_Injection, and ASVS 1.2.10. */
const FORMULA = /^[=+\-@\t\r\n\0＝＋－＠]/;
const isObject = (value: Json): value is { readonly [key: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);
const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
