import { badRequest } from './problem.ts';

/** Name → values: split at commas, then decoded, so that an encoded comma belongs to its value. */
export type Parameters = ReadonlyMap<string, readonly string[]>;

const MAX_QUERY_LENGTH = 8_192;

/**
 * A name that ends with `[]` may come again, and its values are not split: for values with commas.
 * @throws {Problem} 400 if it cannot be decoded or names another parameter twice.
 */
export const parseParameters = (rawQuery: string): Parameters => {
  if (rawQuery.length > MAX_QUERY_LENGTH) throw badRequest(`Expected a query string of at most ${MAX_QUERY_LENGTH} characters, got ${rawQuery.length}`);
  const parameters = new Map<string, readonly string[]>();
  for (const pair of rawQuery.split('&').filter((part) => part !== '')) {
    const [name, ...value] = pair.split('=');
    const key = decode(name ?? '');
    if (key.endsWith('[]')) {
      parameters.set(key, [...(parameters.get(key) ?? []), decode(value.join('='))]);
      continue;
    }
    if (parameters.has(key)) throw badRequest(`Expected each parameter once, got ${key} again; separate values with commas`);
    parameters.set(key, value.join('=').split(',').map(decode));
  }
  return parameters;
};
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw badRequest(`Expected percent-encoded UTF-8, got '${text.slice(0, 64)}'`);
  }
};

/** The value of a parameter that takes one, or undefined. */
export const single = (parameters: Parameters, name: string): string | undefined => {
  const values = parameters.get(name);
  return values === undefined ? undefined : only(name, values);
};
export const only = (name: string, values: readonly string[]): string => {
  const [value, ...more] = values;
  if (value === undefined || more.length > 0) throw badRequest(`${name}: Expected one value, got ${values.length}`);
  return value;
};

/** The values of a parameter that takes names, or undefined. No name contains a comma, so an encoded one separates too: most clients encode it. */
export const names = (parameters: Parameters, name: string): readonly string[] | undefined => parameters.get(name)?.flatMap((value) => value.split(','));

export const refuseUnknown = (parameters: Parameters, known: readonly string[]): void => {
  for (const name of parameters.keys()) if (!known.includes(name)) throw badRequest(`Expected the parameters ${known.join(', ')}, got '${name.slice(0, 64)}'`);
};

export const oneOf = <T extends string>(what: string, value: string, list: readonly T[]): T => {
  if (!(list as readonly string[]).includes(value))
    throw badRequest(`${what}: Expected ${list.length === 0 ? 'nothing: there is none' : `one of ${list.join(', ')}`}, got '${value.slice(0, 64)}'`);
  return value as T;
};

export const wholeNumber = (what: string, text: string, low: number, high: number): number => {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < low || value > high)
    throw badRequest(`${what}: Expected a whole number from ${low} to ${high}, got '${text.slice(0, 64)}'`);
  return value;
};
