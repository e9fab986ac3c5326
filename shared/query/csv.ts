import type { MetricDefinition } from '../domain/definition.ts';
import type { Json } from '../domain/measures/measure.ts';
import type { Answer } from './answer.ts';

/** An answer's rows as CSV (RFC 4180): percentiles in columns of their own, lists as JSON text. */
export const csv = ({ rows }: Answer, definition: MetricDefinition): string => {
  const flat = rows.map((row) =>
    Object.entries(row).flatMap(([name, value]): [string, Json][] =>
      isObject(value) ? Object.entries(value).map(([inner, x]) => [`${name}.${inner}`, x]) : [[name, value]],
    ),
  );
  const names = flat[0]?.map(([name]) => name) ?? ['window', ...definition.measures.map(({ name }) => name)];
  const lines = [
    names,
    ...flat.map((row) => row.map(([, value]) => (value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)))),
  ];
  return lines.map((line) => `${line.map(quote).join(',')}\r\n`).join('');
};

const isObject = (value: Json): value is { readonly [key: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);
const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
