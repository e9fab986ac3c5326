import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { LiveFeed } from '../shared/live/feed.ts';
import { liveMetrics } from '../shared/live/live-request.ts';
import { noRoom, tooManyClients } from '../shared/live/tickets.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { unavailable } from '../shared/request/problem.ts';
import type { ServedFunction } from './http-server.ts';

export interface LiveLimits {
  readonly clients: number;
  /** So that one token, in a page that many have open or in a program that loops, does not take all of them. */
  readonly clientsOfToken: number;
  /** How often something is written to a stream, so that each side notices that the other is gone. */
  readonly beatMs: number;
  /** A client that has read nothing for this long is dropped. */
  readonly stalledMs: number;
}
export const LIVE_LIMITS: LiveLimits = { clients: 1_000, clientsOfToken: 500, beatMs: 15_000, stalledMs: 30_000 };

export interface LiveStreamsPorts {
  readonly feed: LiveFeed;
  /** Names of the pipeline's metrics. */
  readonly metrics: readonly string[];
  readonly limits: LiveLimits;
  /** Calls back again and again; returns a function that ends that. */
  readonly every: (ms: number, run: () => void) => () => void;
  readonly clock: () => number;
  readonly telemetry: Pick<Telemetry, 'debug'>;
}
interface Stream {
  readonly response: ServerResponse;
  readonly token: string | null;
  /** Rejects once the token was revoked. */
  readonly mayStay: () => Promise<void>;
  /** Since when the client has not read what it was sent; null if it has. */
  stalledSinceMs: number | null;
}

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // For proxies that collect an answer before they pass it on.
  'x-accel-buffering': 'no',
  // It ends with the stream: so a host that stops does not wait for it.
  connection: 'close',
};
/** What EventSource waits before it connects again. */
const RETRY_MS = 1_000;

/**
 * GET /live as server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html). A client that reads slower than
 * numbers change gets the newest ones once it reads on, and one that does not read is dropped: a message at most waits for each.
 */
export const liveStreams = ({ feed, metrics, limits, every, clock, telemetry }: LiveStreamsPorts) => {
  const streams = new Set<Stream>();
  const ofToken = new Map<string, number>();
  let isStopping = false;

  const enter = (token: string | null): void => {
    if (isStopping) throw unavailable('The server is stopping.', 5);
    if (streams.size >= limits.clients) throw noRoom(limits.clients);
    if (token !== null && (ofToken.get(token) ?? 0) >= limits.clientsOfToken) throw tooManyClients(limits.clientsOfToken);
  };
  const count = (token: string | null, by: 1 | -1): void => {
    if (token === null) return;
    const next = (ofToken.get(token) ?? 0) + by;
    if (next === 0) ofToken.delete(token);
    else ofToken.set(token, next);
  };
  const drop = (stream: Stream, why: string): void => {
    telemetry.debug('A live client was dropped', { why });
    stream.response.destroy();
  };

  const begin = (response: ServerResponse, names: readonly string[], lastId: string | null, token: string | null, mayStay: Stream['mayStay']): void => {
    if (response.destroyed || response.req.socket.readableEnded) {
      response.destroy();
      return;
    }
    const stream: Stream = { response, token, mayStay, stalledSinceMs: null };
    streams.add(stream);
    count(token, 1);
    const write = (text: string): void => {
      if (!response.write(text)) stream.stalledSinceMs ??= clock();
    };
    write(`retry: ${RETRY_MS}\n\n`);
    const subscription = feed.subscribe({
      metrics: names,
      lastId,
      isReady: () => stream.stalledSinceMs === null,
      take: (messages, id) => write(events(messages, id)),
    });
    response.on('drain', () => {
      stream.stalledSinceMs = null;
      subscription.ready();
    });
    response.on('error', () => {});
    // A client that has closed its side does not follow any more.
    response.req.socket.once('end', () => response.destroy());
    response.on('close', () => {
      subscription.end();
      streams.delete(stream);
      count(token, -1);
    });
  };

  const beat = (): void => {
    for (const stream of streams) {
      const { response, stalledSinceMs, mayStay } = stream;
      if (stalledSinceMs === null) response.write(':\n\n');
      else if (clock() - stalledSinceMs >= limits.stalledMs) drop(stream, 'it does not read');
      mayStay().catch(() => drop(stream, 'its token no longer permits it'));
    }
  };
  const stopBeats = every(limits.beatMs, beat);

  const handler: ServedFunction = async (request, { mayStay }) => {
    const names = liveMetrics(request, metrics);
    const { authorization, 'last-event-id': lastId = null } = request.headers;
    const token = authorization === undefined ? null : createHash('sha256').update(authorization).digest('base64');
    enter(token);
    return { status: 200, headers: HEADERS, begin: (response) => begin(response, names, lastId, token, mayStay) };
  };
  return {
    handler,
    beat,
    /** Ends all streams: their clients connect again, perhaps to another host. */
    stop: (): void => {
      isStopping = true;
      stopBeats();
      feed.stop();
      for (const { response, stalledSinceMs } of streams) {
        // What a client does not read would never end.
        if (stalledSinceMs === null) response.end();
        else response.destroy();
      }
    },
  };
};

/** The id comes with the last one: whoever has it has all of them. */
const events = (messages: readonly string[], id: string): string => {
  const last = messages.at(-1);
  if (last === undefined) return `id: ${id}\n\n`;
  return `${messages
    .slice(0, -1)
    .map((message) => `data: ${message}\n\n`)
    .join('')}id: ${id}\ndata: ${last}\n\n`;
};
