import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { CONNECTION_LIMITS, type ConnectionLimits, httpServer, type ServedFunction } from '../../local/http-server.ts';
import { ROUTES, type Route } from '../../shared/api/routes.ts';
import { until } from '../support/until.ts';

// Clients that no honest one is, over real sockets. The limits are those of the host, with smaller numbers.

export const LIMITS: ConnectionLimits = {
  ...CONNECTION_LIMITS,
  headersMs: 300,
  requestMs: 900,
  idleMs: 100,
  probeEveryMs: 20,
  checkEveryMs: 50,
  connections: 20,
  headerBytes: 4_096,
};
interface Served {
  readonly server: Server;
  readonly called: { readonly route: string; readonly body: string }[];
  /** Of the last call. */
  signal: AbortSignal | undefined;
  /** What each answer waits for. */
  answersAfter: Promise<unknown>;
}
/** The server of one test, and what has reached its functions. */
export let served: Served;
let port: number;
let sockets: Socket[];
beforeEach(async () => {
  sockets = [];
  const handler: ServedFunction = async ({ route, body }, context) => {
    served.signal = context.signal;
    served.called.push({ route, body: Buffer.from(body).toString() });
    await served.answersAfter;
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'fine' };
  };
  const functions = Object.fromEntries(ROUTES.map(({ function: name }) => [name, handler])) as Record<Route['function'], ServedFunction>;
  const server = httpServer({ functions, authorize: async () => {}, cors: async () => ({}), answered: () => {} }, LIMITS);
  served = { server, called: [], signal: undefined, answersAfter: Promise.resolve() };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  const { server } = served;
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A connection, with what it has received and whether the server has ended it. */
export const open = () => {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const seen = { received: '', ended: false };
  socket.on('data', (chunk) => {
    seen.received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    seen.ended = true;
  });
  return {
    seen,
    write: (text: string) => void (socket.writable && socket.write(text, 'latin1')),
    end: (text: string) => void socket.end(text, 'latin1'),
    destroy: () => void socket.destroy(),
  };
};
/** Writes a little again and again until the server ends it. */
export const drip = async (first: string, next: string) => {
  const { seen, write } = open();
  write(first);
  const timer = setInterval(() => write(next), 20);
  await until(() => seen.ended);
  clearInterval(timer);
  return seen.received;
};
export const isWell = async () => expect(await (await fetch(`http://127.0.0.1:${port}/health`)).text()).toBe('fine');
export const HEAD = 'POST /events HTTP/1.1\r\nHost: x\r\n';
/** Everything that the server writes to these bytes. */
export const answerTo = async (text: string): Promise<string> => {
  const { seen, write } = open();
  write(text);
  await until(() => seen.ended);
  return seen.received;
};
