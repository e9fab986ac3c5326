import { isIP } from 'node:net';
import type { Route } from '../shared/api/routes.ts';
import { byToken, type Head, unauthorized } from '../shared/auth/by-token.ts';
import type { Gate } from '../shared/auth/gate.ts';
import type { Figures, Telemetry } from '../shared/ports/telemetry.ts';
import { Problem } from '../shared/request/problem.ts';

/** Names of this machine that cannot be reached from outside. */
export const isLoopback = (host: string): boolean => {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
};

/**
 * Who may call what on one machine: anyone with a token of the route's scope. On a loopback address that never had a token,
 * or was opened explicitly, every program of this machine may, but no page of another site that its browser has open.
 */
export const access =
  ({ gate, host, figures }: { gate: Gate; host: string; figures: Pick<Figures, 'count'> }) =>
  async (request: Head, route: Route): Promise<void> => {
    try {
      await judge(gate, host, request, route);
    } catch (error) {
      figures.count('refused_calls', 1);
      throw error;
    }
  };

/** Also printed at start. */
export const LOST =
  'Tokens were in use here, and none is listed now (tokens.json is gone or empty). Put the file back, create new ones (npm run token -- create --scope write), or let every program of this machine call without one (npm run token -- open).';

/** @throws {RangeError} unless the host may listen on its address: an address that others can reach needs tokens. */
export const demandTokens = async (gate: Gate, host: string, telemetry: Pick<Telemetry, 'warn'>): Promise<void> => {
  const doors = await gate.doors();
  if (doors === 'lost') telemetry.warn(LOST, {});
  if (!isLoopback(host) && doors !== 'tokens')
    throw new RangeError(
      `HOST=${host} can be reached from elsewhere, and no token is listed. Create some first: npm run token -- create --scope write, read or admin`,
    );
};

const judge = async (gate: Gate, host: string, request: Head, { scope }: Route): Promise<void> => {
  const { headers } = request;
  if (scope === null) return;
  const doors = await gate.doors();
  if (doors === 'tokens') return byToken(gate, request, scope);
  if (doors === 'lost') throw unauthorized('missing', LOST);
  if (!isLoopback(host)) throw unauthorized('missing', 'No token was created yet: npm run token -- create --scope write');
  const called = hostOf(`http://${headers.host ?? ''}`);
  const page = headers.origin === undefined ? null : hostOf(headers.origin);
  if (called === null || !isLoopback(called) || (page === null ? headers.origin !== undefined : !isLoopback(page)))
    throw new Problem(
      403,
      'foreign-page',
      'The call came from elsewhere',
      `Expected a call from this machine, got Host ${quote(headers.host)} and Origin ${quote(headers.origin)}. Create tokens to be called by others: npm run token -- create`,
    );
};

export const hostOf = (url: string): string | null => {
  try {
    return new URL(url).hostname;
  } catch {
    return null;
  }
};
const quote = (text: string | undefined): string => (text === undefined ? 'none' : `'${text.slice(0, 100)}'`);
