import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeRequest } from '../../shared/ingest/decode-request.ts';
import { type FallbackId, requestIds } from '../../shared/ingest/request-ids.ts';
import { LIMITS, originalBytes, type Submitted } from '../../shared/ingest/submitted.ts';
import { notFound, Problem, tooLarge, unavailable, unsupported } from '../../shared/request/problem.ts';
import { internal, problemAnswer } from '../../shared/request/problem-answer.ts';
import { ChannelFullError } from '../ports/channel.ts';
import type { Chunk, Intake, Source } from '../ports/source.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** What callers must send as a bearer token; null lets every program of this machine post. */
  readonly token: string | null;
  readonly onListening: (url: string) => void;
}
const SERVER = { requestTimeout: 120_000, headersTimeout: 15_000, keepAliveTimeout: 20_000, maxHeaderSize: 16_384 };
const MAX_CONNECTIONS = 2_000;
/** Bodies that are read or wait to be durable, as they came and inflated; what is more gets 503. */
const MAX_BODY_BYTES_AT_A_TIME = 128 * 1024 * 1024;
/** A gzip is at most so many times as large once inflated (zlib.net/zlib_tech.html). */
const MAX_INFLATION = 1_032;
const RETRY_AFTER_S = 1;

/**
 * `POST /events` and `POST /events/{type}` as Twinstream takes them, for other agents, clients and collectors. 202 means that
 * events are durable here. Whether they are valid is Twinstream's to say: what it rejects is in its quarantine. Ids that came
 * with events stay theirs.
 */
export const listenSource = ({ host, port, token, onListening }: ListenOptions): Source => ({
  name: `http ${host}:${port}`,
  run: async (intake, signal) => {
    let bodyBytes = 0;
    const server = createServer(SERVER, (request, response) => {
      let own = 0;
      answer(request, (bytes) => {
        if (bodyBytes > 0 && bodyBytes + bytes > MAX_BODY_BYTES_AT_A_TIME)
          throw unavailable('The agent has no room for more now. Send it again later.', RETRY_AFTER_S);
        bodyBytes += bytes;
        own += bytes;
      })
        .catch((error) => {
          if (!(error instanceof Problem)) intake.note(`A request failed: ${(error as Error).message}`);
          return problemAnswer(error instanceof Problem ? error : internal('The request could not be taken. The agent says why; try again.'));
        })
        .then(({ status, headers, body }) => {
          bodyBytes -= own;
          // The rest of an unwanted body is read, so that its sender gets to read the answer.
          request.resume();
          // Otherwise a busy caller would keep the server open that is to close.
          const connection = signal.aborted ? { connection: 'close' } : {};
          response.writeHead(status, { ...headers, ...connection, 'x-content-type-options': 'nosniff' }).end(body);
        });
    });
    server.maxConnections = MAX_CONNECTIONS;
    const answer = async (request: IncomingMessage, grow: (bytes: number) => void) => {
      const [pathname = ''] = (request.url ?? '').split('?');
      if (request.method === 'GET' && pathname === '/health') return json(200, { status: 'ok' });
      const type = request.method === 'POST' ? typeIn(pathname) : undefined;
      if (type === undefined) throw notFound('An agent takes POST /events and POST /events/{type}.');
      if (token !== null && !isToken(request.headers.authorization, token))
        throw new Problem(401, 'unauthorized', 'A token is needed', 'Expected the token of this agent as Authorization: Bearer …', {
          headers: { 'www-authenticate': 'Bearer' },
        });
      const body = await bodyOf(request, grow);
      grow(Math.min(LIMITS.bodyBytes, body.length * MAX_INFLATION));
      return take(intake, type, request, body);
    };
    await listening(server, host, port);
    onListening(`http://${host}:${(server.address() as AddressInfo).port}`);
    await new Promise<void>((resolve) => {
      const stop = (): void => {
        server.close(() => resolve());
        server.closeIdleConnections();
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  },
});

const listening = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });

/** Undefined for another path, null for events that say their type. */
const typeIn = (path: string): string | null | undefined => {
  const [, name] = /^\/events(?:\/([^/]+))?$/.exec(path) ?? [undefined, undefined];
  if (!path.startsWith('/events') || (name === undefined && path !== '/events')) return undefined;
  if (name === undefined) return null;
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
};

/** In time that does not depend on what was sent. */
const isToken = (header: string | undefined, token: string): boolean => {
  const sha = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(sha(header ?? ''), sha(`Bearer ${token}`));
};

const bodyOf = async (request: IncomingMessage, grow: (bytes: number) => void): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LIMITS.bodyBytes) throw tooLarge(`Expected a body of at most ${LIMITS.bodyBytes} bytes`);
    grow(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const json = (status: number, value: unknown) => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });

const take = async (intake: Intake, type: string | null, request: IncomingMessage, body: Buffer) => {
  const headers = Object.fromEntries(Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
  if (/^(text|application)\/csv\b/i.test(headers['content-type'] ?? '')) throw unsupported('An agent takes JSON, NDJSON and CloudEvents over HTTP, got CSV.');
  const events = [...(await decodeRequest({ type, schema: null, headers, body, maxBytes: LIMITS.bodyBytes }))];
  const hasIds = 'idempotency-key' in headers || 'twinstream-batches' in headers;
  const chunks = chunksOf(events, type, hasIds ? requestIds(headers) : null);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.body.length, 0);
  if (bytes > LIMITS.bodyBytes) throw tooLarge(`Expected at most ${LIMITS.bodyBytes} bytes once inflated, got ${bytes}`);
  try {
    for (const chunk of chunks) await intake.offer(chunk);
  } catch (error) {
    if (!(error instanceof ChannelFullError)) throw error;
    throw unavailable('The channel of the agent is full. Send it again later with the same ids or Idempotency-Key: events count once.', RETRY_AFTER_S, error);
  }
  return json(202, { accepted: events.length, rejected: 0, errors: [] });
};

/** One for each run of ids; events that say their type have ids of their own. */
const chunksOf = (events: readonly Submitted[], type: string | null, idOf: FallbackId | null): Chunk[] => {
  const parts: { ids: Chunk['ids']; lines: Buffer[] }[] = [];
  for (const [i, event] of events.entries()) {
    const ids = type === null || idOf === null ? null : idIn(idOf(event.index) ?? '');
    const last = parts.at(-1);
    const continues = last !== undefined && (ids === null || (last.ids?.key === ids.key && last.ids.at + last.lines.length === ids.at));
    if (i > 0 && continues) last.lines.push(lineOf(event));
    else parts.push({ ids, lines: [lineOf(event)] });
  }
  return parts.map(({ ids, lines }) => ({ stream: 'http', position: null, ids, type, header: null, events: lines.length, body: Buffer.concat(lines) }));
};
const idIn = (id: string): { readonly key: string; readonly at: number } => {
  const colon = id.lastIndexOf(':');
  return { key: id.slice(0, colon), at: Number(id.slice(colon + 1)) };
};
/** A JSON text may span lines, a line of NDJSON may not. */
const lineOf = (event: Submitted): Buffer => {
  const bytes = Buffer.from(originalBytes(event));
  return Buffer.concat([bytes.includes(0x0a) || bytes.includes(0x0d) ? Buffer.from(bytes.toString().replace(/[\r\n]+/g, ' ')) : bytes, Buffer.from('\n')]);
};
