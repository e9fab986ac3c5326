import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { CONNECTION_LIMITS, httpServer } from '../../local/http-server.ts';
import type { Answered } from '../../local/stats.ts';
import type { Route } from '../../shared/api/routes.ts';
import type { HttpAnswer, HttpRequest } from '../../shared/request/http.ts';

export let calls: { name: string; request: HttpRequest }[];
let answer: (request: HttpRequest) => Promise<HttpAnswer>;
export let answered: Answered[];
let authorize: (request: Omit<HttpRequest, 'body'>, route: Route) => Promise<void>;
let server: Server;
export let url: string;
beforeEach(async () => {
  calls = [];
  answered = [];
  answer = async () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'fine' });
  authorize = async () => {};
  const called = (name: Route['function']) => async (request: HttpRequest) => {
    calls.push({ name, request });
    return answer(request);
  };
  server = httpServer(
    {
      functions: {
        ingest: called('ingest'),
        query: called('query'),
        live: called('live'),
        generations: called('generations'),
        quarantine: called('quarantine'),
        events: called('events'),
        exclusions: called('exclusions'),
        explain: called('explain'),
        letters: called('letters'),
        lookups: called('lookups'),
        search: called('search'),
        page: called('page'),
        stats: called('stats'),
      },
      authorize: (request, route) => authorize(request, route),
      cors: async () => ({}),
      answered: (call) => void answered.push(call),
    },
    CONNECTION_LIMITS,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** What the server writes to bytes that no HTTP client would send. */
export const raw = (text: string | Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });

/** What the functions answer, for the rest of a test. */
export const answering = (of: typeof answer): void => {
  answer = of;
};
/** Who may call, for the rest of a test. */
export const authorizing = (of: typeof authorize): void => {
  authorize = of;
};
