import { z } from 'zod';
import type { Parameters } from '../request/parameters.ts';
import { badRequest } from '../request/problem.ts';

const MOST = 20;
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** The body of POST /query. */
export const QUERIES = z.strictObject({
  queries: z
    .record(z.string().regex(NAME), z.looseObject({ metric: z.string().describe('Its name; the rest are the parameters of GET /metrics/{name}.') }))
    .refine((queries) => Object.keys(queries).length > 0 && Object.keys(queries).length <= MOST, `Expected 1 to ${MOST} queries`),
});
export const QUERIES_EXAMPLE = {
  queries: { day: { metric: 'edits', from: '-1d', every: '1h' }, week: { metric: 'edits', from: '-7d', every: '1d', by: ['channel'], top: 5 } },
};

/**
 * The parameters of one query of POST /query: those of GET /metrics/{name} as JSON. Lists are arrays; a filter is a value, a list, or
 * its operators: `{ "country": ["DE", "FR"], "page": { "prefix": "/shop", "not": "/shop/old" }, "coupon": null }`; `in` is the list
 * among other operators.
 * @throws {Problem} 400
 */
export const jsonParameters = (query: Readonly<Record<string, unknown>>): Parameters => {
  const parameters = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(query)) {
    if (name === 'metric') continue;
    if (name === 'format') throw badRequest('format: Expected none, since the answer is JSON');
    if (name === 'filter') for (const [dimension, wanted] of entriesOf(name, value)) addFilter(parameters, `filter[${dimension}]`, wanted);
    else if (name === 'having') {
      for (const [figure, bounds] of entriesOf(name, value))
        for (const [operator, bound] of entriesOf(`having[${figure}]`, bounds)) parameters.set(`having[${figure}][${operator}]`, textsOf(name, bound));
    } else parameters.set(name, textsOf(name, value));
  }
  return parameters;
};

const addFilter = (parameters: Map<string, readonly string[]>, what: string, wanted: unknown): void => {
  if (wanted === null) parameters.set(`${what}[is]`, ['null']);
  else if (typeof wanted !== 'object' || Array.isArray(wanted)) parameters.set(`${what}[]`, textsOf(what, wanted));
  else
    for (const [operator, value] of entriesOf(what, wanted))
      if (operator === 'is') parameters.set(`${what}[is]`, [String(value)]);
      else parameters.set(`${what}${operator === 'in' ? '' : `[${operator}]`}[]`, textsOf(`${what}[${operator}]`, value));
};

const entriesOf = (what: string, value: unknown): [string, unknown][] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest(`${what}: Expected an object, got ${shown(value)}`);
  return Object.entries(value);
};
const textsOf = (what: string, value: unknown): string[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wrong = list.find((one) => !['string', 'number', 'boolean'].includes(typeof one));
  if (list.length === 0 || wrong !== undefined) throw badRequest(`${what}: Expected text, a number, true or false, or a list of them, got ${shown(value)}`);
  return list.map(String);
};
const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 64) ?? String(value);
