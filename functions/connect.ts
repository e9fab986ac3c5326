import { clock, liveConnections, onLambda } from '#platform';
import { fromSocket, type SocketCall, type SocketEvent } from '../shared/adapters/aws/api-gateway-socket.ts';
import { CONNECTION_LIMITS, tickets } from '../shared/live/tickets.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { LiveConnections } from '../shared/ports/live-connections.ts';

/** The WebSocket API's routes: a connection is taken if it brings a ticket. Nothing that it sends is read. */
export const connect = ({ connections, clock }: { readonly connections: LiveConnections; readonly clock: Clock }) => {
  const { open } = tickets(connections, clock, CONNECTION_LIMITS);
  return async (call: SocketCall): Promise<{ readonly statusCode: number }> => {
    if (call.kind === 'connect') return { statusCode: (await open(call.ticket, call.id)) ? 200 : 401 };
    if (call.kind === 'disconnect') await connections.remove(call.id);
    return { statusCode: 200 };
  };
};

export const handler = onLambda(() => {
  const connections = liveConnections();
  if (connections === null) throw new RangeError('Expected a stage with live: true, got one without connections');
  const take = connect({ connections, clock });
  return (event: SocketEvent) => take(fromSocket(event));
});
