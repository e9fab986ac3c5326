import type { HostFunctions } from '../local/host-functions.ts';
import { CONNECTION_LIMITS, type HttpServerPorts, httpServer, type ServedFunction } from '../local/http-server.ts';
import { closed, listening } from '../local/listening.ts';
import type { HttpHandler } from '../shared/request/http.ts';

export interface ServedHerePorts extends Pick<HttpServerPorts, 'authorize' | 'cors' | 'answered'> {
  /** As they are at a call. */
  readonly functions: () => HostFunctions;
  readonly stats: HttpHandler;
  readonly live: ServedFunction;
}

export const HERE = '127.0.0.1';

/** The functions behind the host's own HTTP server, on a free port of this machine. Each call runs in this thread. */
export const servedHere = async ({ functions, stats, live, ...ports }: ServedHerePorts): Promise<{ readonly url: string; close(): Promise<void> }> => {
  const server = httpServer(
    {
      ...ports,
      functions: {
        stats,
        live,
        page: (request, context) => functions().page(request, context),
        ingest: (request, context) => functions().ingest(request, context),
        query: (request, context) => functions().query(request, context),
        search: (request, context) => functions().search(request, context),
        generations: (request, context) => functions().generations(request, context),
        quarantine: (request, context) => functions().quarantine(request, context),
        events: (request, context) => functions().events(request, context),
        exclusions: (request, context) => functions().exclusions(request, context),
        explain: (request, context) => functions().explain(request, context),
        lookups: (request, context) => functions().lookups(request, context),
        letters: (request, context) => functions().letters(request, context),
      },
    },
    CONNECTION_LIMITS,
  );
  server.keepAliveTimeout = 0; // a slow test must not find its connection closed
  // If a test fails before it stops the app, the test process still ends.
  server.unref();
  server.on('connection', (socket) => socket.unref());
  const url = await listening(server, { host: HERE, port: 0 });
  return {
    url,
    close: () => {
      server.closeAllConnections();
      return closed(server);
    },
  };
};
