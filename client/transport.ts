import { errorOf, noAnswer, TwinstreamError } from './error.ts';
import { parsed } from './parsed.ts';
import { openSocket, type Socket } from './socket.ts';

/** What a client needs from its environment; the globals, unless a test passes others. */
export interface Surroundings {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
  /** Calls back once, after some milliseconds; returns a function that cancels that. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Opens a WebSocket; only for live numbers of a stage on AWS. */
  readonly socket: (url: string) => Socket;
  /** From 0 to below 1. Idempotency keys are made from it, so no two clients may draw the same. */
  readonly random: () => number;
}

export const globals: Surroundings = {
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  socket: openSocket,
  random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
};

export interface Reply {
  readonly status: number;
  /** How long the server wants the client to wait before a retry; 0 if it does not say. */
  readonly retryAfterMs: number;
  /** The body if it is JSON, else null. */
  readonly body: unknown;
}
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal | null;
}
export type Transport = (call: Call) => Promise<Reply>;
/** A call whose answer has not been read. */
export type Fetched = (call: Call) => Promise<Response>;

/** When a page is left, requests of up to 64 KB in all still complete. */
const KEEPALIVE_LENGTH = 16_000;

export const fetched =
  (url: string, token: string | undefined, { fetch }: Surroundings): Fetched =>
  ({ method, path, headers, body, signal }) =>
    fetch(url.replace(/\/+$/, '') + path, {
      method,
      headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body,
      signal,
      keepalive: body !== null && body.length < KEEPALIVE_LENGTH,
    });

export const transport =
  (open: Fetched, { now }: Surroundings): Transport =>
  async (call) =>
    replyOf(await open(call), now);

export const replyOf = async (response: Response, now: () => number): Promise<Reply> => {
  const text = await response.text();
  const wait = response.headers.get('retry-after');
  const seconds = Number(wait);
  return {
    status: response.status,
    retryAfterMs: wait === null ? 0 : Math.max(0, Number.isNaN(seconds) ? Date.parse(wait) - now() || 0 : seconds * 1_000),
    body: parsed(text),
  };
};

/** How long and how often a call is retried. */
export interface Retry {
  /** In all, 5 minutes by default. */
  readonly forMs: number;
  /** The wait after the first failure, 200 ms by default; it doubles, minus a random part of up to a half (jitter). */
  readonly firstMs: number;
  /** The longest wait, 30 s by default. */
  readonly maxMs: number;
  /** How long one answer may take, 30 s by default. */
  readonly answerMs: number;
}

/** Whether a retry may get another answer. */
export const mayPass = ({ status }: Pick<Reply, 'status'>): boolean => status >= 500 || status === 429 || status === 408;

/**
 * Retries a call until it gets an answer that a retry cannot change: while the server is away, throttles or fails, it waits
 * as long as the server says, or longer each time.
 * @throws {TwinstreamError} after `forMs`.
 */
export const persistently = async (
  send: Transport,
  call: Call,
  { forMs, firstMs, maxMs, answerMs }: Retry,
  { now, after, random }: Surroundings,
): Promise<Reply> => {
  const until = now() + forMs;
  for (let backOff = firstMs; ; backOff = Math.min(maxMs, backOff * 2)) {
    let last: TwinstreamError;
    let retryAfterMs = 0;
    const limit = new AbortController();
    const cancel = after(answerMs, () => limit.abort());
    try {
      const reply = await send({ ...call, signal: limit.signal });
      if (!mayPass(reply)) return reply;
      last = errorOf(`${call.method} ${call.path}`, reply.status, reply.body);
      ({ retryAfterMs } = reply);
    } catch (cause) {
      last = noAnswer(`${call.method} ${call.path}`, cause);
    } finally {
      cancel();
    }
    const wait = Math.max(retryAfterMs, backOff * (1 - random() / 2));
    if (now() + wait > until) throw new TwinstreamError(`${last.message}. Whether it took effect is not known`, last.status, last.errors, last.cause);
    await new Promise<void>((resolve) => after(wait, resolve));
  }
};
