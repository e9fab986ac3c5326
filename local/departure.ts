import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Aborted once the client can no longer read its answer. A client that has closed its connection looks like one that has
 * only half-closed it (`printf … | nc -N`), which must be answered. So once its side has ended, interim responses are written
 * (102, RFC 2518), which every HTTP/1.1 client ignores: if nobody reads, the operating system refuses the second one.
 */
export const departure = (request: IncomingMessage, response: ServerResponse, probeEveryMs: number): AbortSignal => {
  const controller = new AbortController();
  const { socket } = request;
  let timer: NodeJS.Timeout | null = null;
  const probe = (): void => {
    if (!response.headersSent && !response.destroyed) response.writeProcessing();
  };
  const ended = (): void => {
    // HTTP/1.0 has no interim responses.
    if (request.httpVersion === '1.1') timer ??= setInterval(probe, probeEveryMs);
  };
  if (socket.readableEnded) ended();
  else socket.once('end', ended);
  response.once('close', () => {
    socket.off('end', ended);
    if (timer !== null) clearInterval(timer);
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
};
