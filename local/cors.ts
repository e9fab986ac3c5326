import type { Route } from '../shared/api/routes.ts';
import type { Gate } from '../shared/auth/gate.ts';
import type { HttpRequest } from '../shared/request/http.ts';
import { hostOf, isLoopback } from './access.ts';

export type Head = Pick<HttpRequest, 'headers'>;
export type CorsHeaders = Readonly<Record<string, string>>;

const EXPOSED = 'etag, location, retry-after, link';
const MAX_AGE_S = 600;
/** A preflight request names these; the answer repeats them. */
const HEADER_NAMES = /^[\w!#$%&'*.^`|~+-]{1,64}( *, *[\w!#$%&'*.^`|~+-]{1,64}){0,31}$/;

/**
 * The CORS headers of a call to a route (fetch.spec.whatwg.org, section 3.3): what a page of another origin may send and
 * read. Pages of a public write key's origins may post events. If no token is needed, pages of this machine may do
 * everything, as its programs may. For any other page no header is set, so its browser withholds the answer.
 */
export const corsOf =
  ({ gate, host }: { readonly gate: Gate; readonly host: string }) =>
  async ({ headers: { origin } }: Head, route: Route): Promise<CorsHeaders> => {
    if (origin === undefined) return {};
    const isMine = async () => {
      const page = hostOf(origin);
      return isLoopback(host) && page !== null && isLoopback(page) && (await gate.doors()) === 'open';
    };
    const isListed = async () => route.scope === 'write' && (await gate.origins()).includes(origin);
    if (!(await isListed()) && !(await isMine())) return { vary: 'origin' };
    return { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'origin' };
  };

/** The answer to a preflight request. @param allowed `corsOf` the route. */
export const preflightHeaders = (allowed: CorsHeaders, { headers }: Head, route: Route): CorsHeaders => {
  if (allowed['access-control-allow-origin'] === undefined) return allowed;
  const { 'access-control-expose-headers': _, ...rest } = allowed;
  const asked = headers['access-control-request-headers'] ?? '';
  return {
    ...rest,
    'access-control-allow-methods': route.key.split(' ')[0] ?? '',
    ...(HEADER_NAMES.test(asked) ? { 'access-control-allow-headers': asked } : {}),
    // For a page on the internet that calls this machine (wicg.github.io/private-network-access).
    ...(headers['access-control-request-private-network'] === 'true' ? { 'access-control-allow-private-network': 'true' } : {}),
    'access-control-max-age': String(MAX_AGE_S),
  };
};
