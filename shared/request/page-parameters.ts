import { parseParameters, refuseUnknown, single, wholeNumber } from './parameters.ts';
import { badRequest } from './problem.ts';

const PAGE = 50;
const MAX_PAGE = 1_000;

/** The parameters of a list that is paged by id: how many, and after which one. @throws {Problem} 400 */
export const pageOf = (query: string, id: RegExp, what: string): { readonly limit: number; readonly after: string | null } => {
  const parameters = parseParameters(query);
  refuseUnknown(parameters, ['limit', 'after']);
  const [limit, after] = [single(parameters, 'limit'), single(parameters, 'after')];
  if (after !== undefined && !id.test(after)) throw badRequest(`after: Expected ${what}, got '${after.slice(0, 64)}'`);
  return { limit: limit === undefined ? PAGE : wholeNumber('limit', limit, 1, MAX_PAGE), after: after ?? null };
};
