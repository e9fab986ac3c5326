import { createHash } from 'node:crypto';
import type { Filter, Order, Question, Range, SearchField, SearchSchema, Term } from '../ports/search-question.ts';
import { UTC } from '../request/calendar.ts';
import { oneOf, type Parameters, refuseUnknown, single, wholeNumber } from '../request/parameters.ts';
import { badRequest } from '../request/problem.ts';
import { timeOf } from '../request/time-parameter.ts';
import { decodePlace } from './cursor.ts';
import { parseTerms } from './terms.ts';
import { composed } from './words.ts';

const MAX_TEXT = 1_000;
const MAX_TERMS = 32;
const MAX_VALUES = 100;

/**
 * Parses the parameters of GET /entities/{name}.
 * @throws {Problem} 400 that says what was expected and what was given.
 */
export const parseQuestion = (parameters: Parameters, schema: SearchSchema, nowMs: number): Question & { readonly id: string } => {
  const askable = schema.fields.filter(({ kind }) => kind !== 'stored');
  const filterable = askable.map(({ name }) => `filter[${name}]`);
  const named = new Map([...parameters].filter(([name]) => !filterable.some((filter) => name === `${filter}[]`)));
  refuseUnknown(named, ['q', 'order', 'limit', 'cursor', ...filterable]);
  const terms = termsOf(parameters.get('q')?.join(','), schema);
  const filters = askable.flatMap((field) => {
    const values = [...(parameters.get(`filter[${field.name}]`) ?? []), ...(parameters.get(`filter[${field.name}][]`) ?? [])];
    return values.length === 0 ? [] : [filterOf(field, values, nowMs)];
  });
  const order = orderOf(single(parameters, 'order'), schema, terms !== null);
  const id = idOf(schema, parameters);
  const cursor = single(parameters, 'cursor');
  return {
    terms,
    filters,
    order,
    limit: wholeNumber('limit', single(parameters, 'limit') ?? '20', 1, 1_000),
    after: cursor === undefined ? null : decodePlace(cursor, id, order.by),
    id,
  };
};

/** Identifies a query, apart from its limit and position: a cursor continues only the query that it came from. */
const idOf = ({ name, identity }: SearchSchema, parameters: Parameters): string => {
  const asked = [...parameters].filter(([parameter]) => parameter !== 'limit' && parameter !== 'cursor').sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([name, identity, asked]))
    .digest('base64url')
    .slice(0, 16);
};

const termsOf = (text: string | undefined, { name, fields }: SearchSchema): Term[] | null => {
  if (text === undefined || text.trim() === '') return null;
  if (!fields.some(({ searched }) => searched)) throw badRequest(`q: Expected none, since ${name} names no fields in search; filter by its fields instead`);
  if (text.length > MAX_TEXT) throw badRequest(`q: Expected at most ${MAX_TEXT} characters, got ${text.length}`);
  const terms = parseTerms(text);
  const words = terms.reduce((sum, term) => sum + term.words.length, 0);
  // A phrase of a script without spaces has as many words as characters.
  if (terms.length > MAX_TERMS) throw badRequest(`q: Expected at most ${MAX_TERMS} words and phrases, got ${terms.length}`);
  if (words > MAX_TEXT) throw badRequest(`q: Expected at most ${MAX_TEXT} words, got ${words}`);
  return terms;
};

const orderOf = (text: string | undefined, { fields }: SearchSchema, hasText: boolean): Order => {
  if (text === undefined) return { by: hasText ? 'relevance' : 'key' };
  const sortable = fields.filter(({ kind }) => kind === 'number' || kind === 'date');
  const name = oneOf(
    'order',
    text.replace(/^-/, ''),
    sortable.map((field) => field.name),
  );
  return { by: 'field', field: sortable.find((field) => field.name === name) as SearchField, descending: text.startsWith('-') };
};

/** `a,b` are values; `10..100`, `10..`, `..100` are ranges of numbers and dates, half-open. */
const filterOf = (field: SearchField, texts: readonly string[], nowMs: number): Filter => {
  const what = `filter[${field.name}]`;
  if (texts.length > MAX_VALUES) throw badRequest(`${what}: Expected at most ${MAX_VALUES} values, got ${texts.length}`);
  if (field.kind === 'text') return { field, values: texts.map(composed), ranges: [] };
  if (field.kind === 'boolean') return { field, values: texts.map((text) => oneOf(what, text, ['true', 'false']) === 'true'), ranges: [] };
  const one = field.kind === 'date' ? (text: string) => timeOf(what, text, UTC, nowMs) : (text: string) => numberOf(what, text);
  const values: number[] = [];
  const ranges: Range[] = [];
  for (const text of texts) {
    const [from = '', to, ...more] = text.split('..');
    if (to === undefined) values.push(one(text));
    else if (more.length > 0 || (from === '' && to === ''))
      throw badRequest(`${what}: Expected a range such as 10..100, 10.. or ..100, got '${text.slice(0, 64)}'`);
    else ranges.push({ from: from === '' ? null : one(from), to: to === '' ? null : one(to) });
  }
  return { field, values, ranges };
};

const numberOf = (what: string, text: string): number => {
  const value = Number(text);
  if (!/^-?\d{1,309}(\.\d{1,64})?(e[+-]?\d{1,3})?$/i.test(text) || !Number.isFinite(value))
    throw badRequest(`${what}: Expected numbers, or ranges such as 10..100, got '${text.slice(0, 64)}'`);
  return value;
};
