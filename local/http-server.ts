import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { type Matched, matcher } from '../shared/api/matcher.ts';
import { ROUTES, type Route } from '../shared/api/routes.ts';
import { type CallContext, type HttpAnswer, type HttpRequest, UNLIMITED } from '../shared/request/http.ts';
import { badRequest, methodNotAllowed, notFound, Problem } from '../shared/request/problem.ts';
import { internal, problemAnswer } from '../shared/request/problem-answer.ts';
import { ADMISSION_LIMITS, type AdmissionLimits, admission, type Room } from './admission.ts';
import { type CorsHeaders, preflightHeaders } from './cors.ts';
import { departure } from './departure.ts';
import type { Answered } from './stats.ts';

/** How the server calls a function. The signal aborts when the caller is gone; it is missing if the work must be done all the same. */
export type ServedFunction = (request: HttpRequest, context: ServedContext) => Promise<HttpAnswer | StreamedAnswer>;
export interface ServedContext extends CallContext {
  readonly signal?: AbortSignal;
  /** Rejects if the call's token no longer permits it: for answers that take long. */
  readonly mayStay: () => Promise<void>;
}
/** An answer whose body is written as time goes on. */
export interface StreamedAnswer extends Omit<HttpAnswer, 'body'> {
  /** Writes to the response, whose headers are sent. */
  readonly begin: (response: ServerResponse) => void;
}
export interface HttpServerPorts {
  readonly functions: Readonly<Record<Route['function'], ServedFunction>>;
  /** Called for every call once it is answered. */
  readonly answered: (call: Answered) => void;
  /** Throws a Problem (401 or 403) unless the request, whose body has not been read yet, may call the route. */
  readonly authorize: (request: Omit<HttpRequest, 'body'>, route: Route) => Promise<void>;
  /** The headers that let a page of another origin read the answer. */
  readonly cors: (request: Pick<HttpRequest, 'headers'>, route: Route) => Promise<CorsHeaders>;
}

/** Limits that keep one client from occupying the server: a slower call is answered 408, larger ones are refused. */
export interface ConnectionLimits extends AdmissionLimits {
  /** For the headers of a call. */
  readonly headersMs: number;
  /** For the headers and body of a call. */
  readonly requestMs: number;
  /** How long a kept-alive connection may be idle, as announced to clients (Keep-Alive: timeout). */
  readonly idleMs: number;
  /** How much later it is really closed: so a busy client's late call is answered, rather than cut off. */
  readonly idleGraceMs: number;
  /** How often to check whether a client that has half-closed its connection still reads. */
  readonly probeEveryMs: number;
  /** How often the limits on headers and idle connections are checked. */
  readonly checkEveryMs: number;
  readonly connections: number;
  /** Above this, 431. */
  readonly headerBytes: number;
}
export const CONNECTION_LIMITS: ConnectionLimits = {
  ...ADMISSION_LIMITS,
  headersMs: 15_000,
  requestMs: 120_000,
  idleMs: 10_000,
  idleGraceMs: 10_000,
  probeEveryMs: 250,
  checkEveryMs: 5_000,
  connections: 2_000,
  headerBytes: 16_384,
};

/** API Gateway's own limit; the functions have lower ones. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** How much of a too large body is read and discarded, so that its sender gets to read the answer. */
const MAX_DROPPED_BYTES = 256 * 1024 * 1024;

/** An HTTP server in front of the functions. */
export const httpServer = ({ functions, authorize, cors, answered }: HttpServerPorts, limits: ConnectionLimits): Server => {
  const options: ServerOptions = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    maxHeaderSize: limits.headerBytes,
  };
  const doors = admission(limits);
  const match = matcher(ROUTES);

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    matchedTo: (route: Route, cors: CorsHeaders) => void,
  ): Promise<HttpAnswer | StreamedAnswer> => {
    const url = urlOf(request.url ?? '/');
    const wanted = request.method === 'OPTIONS' ? request.headers['access-control-request-method'] : undefined;
    if (wanted !== undefined) {
      request.resume();
      return preflight(request, url, wanted);
    }
    const matched = match(request.method ?? '', url.pathname);
    if (matched === null || 'allow' in matched) {
      request.resume();
      if (matched === null)
        throw notFound(`There is no ${url.pathname.slice(0, 200)}.${request.method === 'POST' ? EVENTS_GO : ''} GET /openapi.json lists what there is.`);
      throw methodNotAllowed(matched.allow, request.method ?? '');
    }
    const { route } = matched;
    const head = headOf(request, url, matched);
    matchedTo(route, await cors(head, route));
    const context: ServedContext = {
      getRemainingTimeInMillis: UNLIMITED.getRemainingTimeInMillis,
      mayStay: () => authorize(head, route),
      ...(route.key.startsWith('GET ') ? { signal: departure(request, response, limits.probeEveryMs) } : {}),
    };
    const room = roomFor(request);
    try {
      await authorize(head, route);
      const body = await readBody(request, room);
      return await room.work(weightOf(request, body), () => functions[route.function]({ ...head, body }, context));
    } finally {
      // The rest of an unwanted body is read and discarded, so that its sender gets to read the answer.
      request.resume();
      room.leave();
    }
  };

  /** Answers a browser's preflight request. */
  const preflight = async (request: IncomingMessage, url: URL, method: string): Promise<HttpAnswer> => {
    const matched = match(method, url.pathname);
    if (matched === null || 'allow' in matched) throw notFound(`There is no ${method.slice(0, 20)} ${url.pathname.slice(0, 200)}.`);
    const head = headOf(request, url, matched);
    return { status: 204, headers: preflightHeaders(await cors(head, matched.route), head, matched.route), body: '' };
  };

  const roomFor = (request: IncomingMessage): Room => {
    try {
      // A body that is too large by itself gets 413 rather than 503.
      return doors.enter(Math.min(MAX_BODY_BYTES, Number(request.headers['content-length'] ?? 0)));
    } catch (error) {
      request.resume();
      throw error;
    }
  };

  const server = createServer(options, (request, response) => {
    const startedAtMs = performance.now();
    let key = 'none';
    let allowed: CorsHeaders = {};
    // Node's own timer is set by then, unless the connection closes, or already has the next call.
    response.on('finish', () => request.socket.timeout && request.socket.setTimeout(limits.idleMs + limits.idleGraceMs));
    answer(request, response, (route, headers) => {
      key = route.key;
      allowed = headers;
    })
      .catch((error) => {
        return problemAnswer(error instanceof Problem ? error : internal('The request could not be answered. The log says why; try again.'));
      })
      .then((result) => {
        send(response, { ...result, headers: { ...result.headers, ...allowed, ...varyOf(result.headers, allowed) } });
        answered({ route: key, status: result.status, ms: performance.now() - startedAtMs });
      });
  });
  server.maxConnections = limits.connections;
  // A client that half-closes its connection after sending its call (printf … | nc -N) is answered all the same. A property of Node's server that its types lack.
  Object.assign(server, { httpAllowHalfOpen: true });
  return server;
};

/** An answer varies with what either says. */
const varyOf = (...of: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> => {
  const names = of.flatMap(({ vary }) => vary ?? []);
  return names.length === 0 ? {} : { vary: names.join(', ') };
};

/** For clients of other collectors, which post to paths of their own. */
const EVENTS_GO = ' Events go to POST /events/{type}, as JSON, NDJSON or CSV, or to POST /events, as CloudEvents.';

/** A path may begin with two slashes; only a proxy sends more than a path. */
const urlOf = (target: string): URL => {
  const text = target.startsWith('/') ? `http://localhost${target}` : target;
  if (!URL.canParse(text)) throw badRequest(`Expected a path, got '${target.slice(0, 200)}'`);
  return new URL(text);
};

const headOf = (request: IncomingMessage, url: URL, { route, pathParameters }: Matched): Omit<HttpRequest, 'body'> => ({
  route: route.key,
  method: request.method ?? '',
  path: url.pathname,
  query: url.search.slice(1),
  headers: Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]])),
  ),
  pathParameters,
});

const tooLarge = () => new Problem(413, 'too-large', 'The request is too large', `Expected a body of at most ${MAX_BODY_BYTES} bytes. Send it in parts.`);

/** @throws {Problem} 413 if it is too large, 503 if there is no room for it. */
const readBody = (request: IncomingMessage, room: Room): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isRefused = false;
    const refuse = (error: Error): void => {
      isRefused = true;
      chunks.length = 0;
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      if (bytes > MAX_BODY_BYTES) throw tooLarge();
      room.grow(chunk.length);
      chunks.push(chunk);
    };
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_DROPPED_BYTES) request.destroy();
      if (isRefused) return;
      try {
        take(chunk);
      } catch (error) {
        refuse(error as Error);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => reject(new Problem(400, 'bad-request', 'The request cannot be read', 'The body ended before its length.')));
  });

/** A gzip is at most 1,032 times as large once inflated (zlib.net/zlib_tech.html); the functions stop at 32 MB. */
const MAX_INFLATION = 1_032;
const MAX_INFLATED_BYTES = 32 * 1024 * 1024;
const weightOf = ({ headers }: IncomingMessage, { length }: Buffer): number =>
  headers['content-encoding'] === undefined ? length : Math.min(MAX_INFLATED_BYTES, length * MAX_INFLATION);

/** For HEAD, Node sends only the headers. The length of a 304 would be that of the body that is not sent; a 204 has none (RFC 9110, section 8.6). */
const send = (response: ServerResponse, answer: HttpAnswer | StreamedAnswer): void => {
  const { status, headers } = answer;
  if ('begin' in answer) {
    response.writeHead(status, { ...headers, 'x-content-type-options': 'nosniff' });
    if (response.req.method === 'HEAD') response.end();
    else answer.begin(response);
    return;
  }
  const { body } = answer;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const length = status === 304 || status === 204 ? {} : { 'content-length': bytes.byteLength };
  response.writeHead(status, { ...headers, ...length, 'x-content-type-options': 'nosniff' });
  response.end(bytes);
};
