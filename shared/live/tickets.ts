import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';
import type { Follower, LiveConnections } from '../ports/live-connections.ts';
import { Problem, unavailable } from '../request/problem.ts';

/** At most so many connections are listed, and so many of one token. */
export const CONNECTION_LIMITS = { connections: 1_000, ofToken: 500 };
export type ConnectionLimits = typeof CONNECTION_LIMITS;

/** A browser cannot send headers with a WebSocket, and URLs are kept in logs: so it brings a ticket, which opens one connection, soon. */
const TICKET_MS = 30_000;
/** API Gateway closes a connection after two hours (docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html). */
const CONNECTION_MS = 2 * 3_600_000 + 60_000;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
export const tokenOf = (authorization: string | undefined): string => (authorization === undefined ? '' : digestOf(authorization));

const demandRoom = (others: readonly Follower[], { token }: Follower, limits: ConnectionLimits): void => {
  if (others.length >= limits.connections) throw noRoom(limits.connections);
  if (token !== '' && others.filter((one) => one.token === token).length >= limits.ofToken) throw tooManyClients(limits.ofToken);
};

/** Tickets for connections. */
export const tickets = (connections: LiveConnections, clock: Clock, limits: ConnectionLimits) => ({
  /** A ticket for a caller that may read. @throws {Problem} 429, 503 if there are enough connections */
  issue: async (follower: Follower): Promise<string> => {
    demandRoom(await connections.list('eventual'), follower, limits);
    const ticket = randomBytes(32).toString('base64url');
    await connections.issue(digestOf(ticket), follower, clock() + TICKET_MS);
    return ticket;
  },
  /** Lists a connection that brings a ticket. @throws {Problem} 401, or 429, 503 if there are enough connections by now */
  open: async (ticket: string, id: string): Promise<void> => {
    const follower = /^[\w-]{43}$/.test(ticket) ? await connections.redeem(digestOf(ticket)) : null;
    if (follower === null)
      throw new Problem(401, 'unauthorized', 'A ticket is needed', 'Expected a ticket of GET /live, which opens one connection within 30 seconds.');
    await connections.add({ id, ...follower }, clock() + CONNECTION_MS);
    // Of many that open at the same time, each counts the others that were added before it looks.
    const others = (await connections.list('consistent')).filter((one) => one.id !== id);
    try {
      demandRoom(others, follower, limits);
    } catch (error) {
      await connections.remove(id);
      throw error;
    }
  },
});

export const noRoom = (limit: number): Problem => unavailable(`Expected at most ${limit} live clients, got one more. Ask by GET /metrics/{name} instead.`, 30);
export const tooManyClients = (limit: number): Problem =>
  new Problem(429, 'too-many-clients', 'Too many live clients', `Expected at most ${limit} live clients with one token, got one more.`, {
    headers: { 'retry-after': '30' },
  });
