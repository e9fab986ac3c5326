import type { HttpRequest } from '../request/http.ts';
import { names, parseParameters, refuseUnknown } from '../request/parameters.ts';
import { notFound } from '../request/problem.ts';

/** The metrics that a call of GET /live is about: those of its parameter, or all. @throws {Problem} 400, 404 */
export const liveMetrics = ({ query }: Pick<HttpRequest, 'query'>, known: readonly string[]): readonly string[] => {
  const parameters = parseParameters(query);
  refuseUnknown(parameters, ['metric']);
  const asked = [...new Set(names(parameters, 'metric') ?? known)];
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown !== undefined) throw notFound(`There is no metric '${unknown.slice(0, 64)}'. Expected one of ${known.join(', ')}.`);
  return asked;
};
