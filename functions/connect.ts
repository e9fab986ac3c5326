import { clock, liveConnections, onLambda } from '#platform';
import { fromSocket, type SocketCall, type SocketEvent } from '../shared/adapters/aws/api-gateway-socket.ts';
import { CONNECTION_LIMITS, type ConnectionLimits, tickets } from '../shared/live/tickets.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { LiveConnections } from '../shared/ports/live-connections.ts';
import { Problem } from '../shared/request/problem.ts';

export interface ConnectPorts {
  readonly connections: LiveConnections;
  readonly clock: Clock;
  readonly limits: ConnectionLimits;
}

/** The WebSocket API's routes: a connection is taken if it brings a ticket, and there is room. Nothing that it sends is read. */
export const connect = ({ connections, clock, limits }: ConnectPorts) => {
  const { open } = tickets(connections, clock, limits);
  return async (call: SocketCall): Promise<{ readonly statusCode: number }> => {
    try {
      if (call.kind === 'connect') await open(call.ticket, call.id);
      if (call.kind === 'disconnect') await connections.remove(call.id);
      return { statusCode: 200 };
    } catch (error) {
      if (error instanceof Problem) return { statusCode: error.status };
      throw error;
    }
  };
};

export const handler = onLambda(() => {
  const connections = liveConnections();
  if (connections === null) throw new RangeError('Expected a stage with live: true, got one without connections');
  const take = connect({ connections, clock, limits: CONNECTION_LIMITS });
  return (event: SocketEvent) => take(fromSocket(event));
});
