import { errorOf, TwinstreamError } from './error.ts';
import type { LiveMessage } from './live-message.ts';
import { messagesOf, newest } from './socket.ts';
import { type Fetched, mayPass, type Retry, replyOf, type Surroundings } from './transport.ts';

/** A stream is written to at least every 15 seconds. */
const SILENCE_MS = 45_000;
/** API Gateway closes a WebSocket that is idle for ten minutes. */
const SOCKET_SILENCE_MS = 660_000;

/** Follows metrics, as long as its messages are taken: connects again, and goes on after the last message. */
export async function* live(
  open: Fetched,
  metrics: readonly string[],
  signal: AbortSignal | null,
  { firstMs, maxMs }: Pick<Retry, 'firstMs' | 'maxMs'>,
  { now, after, random, socket }: Surroundings,
): AsyncGenerator<LiveMessage, void, undefined> {
  const path = `/live?metric=${metrics.map(encodeURIComponent).join(',')}`;
  const fresh = newest();
  let last = '';
  let backOff = firstMs;
  for (;;) {
    const ended = new AbortController();
    const end = (): void => ended.abort();
    signal?.addEventListener('abort', end);
    let stopWatching = (): void => {};
    const watch = (ms: number): void => {
      stopWatching();
      stopWatching = after(ms, end);
    };
    let wait = 0;
    try {
      signal?.throwIfAborted();
      watch(SILENCE_MS);
      const headers = { accept: 'text/event-stream', ...(last === '' ? {} : { 'last-event-id': last }) };
      const response = await open({ method: 'GET', path, headers, body: null, signal: ended.signal });
      if (!response.ok || response.body === null) {
        const { status, body, retryAfterMs } = await replyOf(response, now);
        if (!mayPass({ status })) throw errorOf('GET /live', status, body);
        wait = retryAfterMs;
      } else if (response.headers.get('content-type')?.includes('json')) {
        // A stage on AWS: the answer is where to connect to.
        const { url } = (await response.json()) as { readonly url: string };
        for await (const message of messagesOf(socket(url), metrics, ended.signal)) {
          watch(SOCKET_SILENCE_MS);
          backOff = firstMs;
          yield fresh(message);
        }
      } else
        for await (const event of eventsOf(response.body, () => watch(SILENCE_MS))) {
          backOff = firstMs;
          if (event.data !== '') yield JSON.parse(event.data) as LiveMessage;
          last = event.id ?? last;
        }
    } catch (error) {
      if (error instanceof TwinstreamError || signal?.aborted) throw signal?.aborted ? signal.reason : error;
    } finally {
      stopWatching();
      signal?.removeEventListener('abort', end);
      end();
    }
    wait = Math.max(wait, backOff * (1 - random() / 2));
    await sleep(wait, signal, after);
    backOff = Math.min(maxMs, backOff * 2);
  }
}

/** Ends early if the signal aborts, or has. */
const sleep = (ms: number, signal: AbortSignal | null, after: Surroundings['after']): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = after(signal?.aborted ? 0 : ms, end);
    signal?.addEventListener('abort', end);
  });

/** Server-sent events, as far as Twinstream writes them. */
async function* eventsOf(body: ReadableStream<Uint8Array>, alive: () => void): AsyncGenerator<{ readonly id: string | null; readonly data: string }> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const events = (text + decoder.decode(value, { stream: true })).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const field = (name: string): string | null =>
        event
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.slice(name.length) ?? null;
      yield { id: field('id: '), data: field('data: ') ?? '' };
    }
  }
}
