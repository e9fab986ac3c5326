import { errorOf, TwinstreamError } from './error.ts';
import { type Fetched, mayPass, type Retry, replyOf, type Surroundings } from './transport.ts';

/** Rows of windows that changed. */
export interface LiveMessage<N extends string = string, R = Readonly<Record<string, unknown>>> {
  readonly metric: N;
  /** The rows of `ask` with `every` set to the metric's own window. */
  readonly windows: readonly R[];
  /** Others may have changed, too: ask for what is shown. So begins every stream that cannot go on where the last one ended. */
  readonly more?: true;
}

/** The server writes at least every 15 seconds. */
const SILENCE_MS = 45_000;

/** Follows metrics, as long as its messages are taken: connects again, and goes on after the last message. */
export async function* live(
  open: Fetched,
  metrics: readonly string[],
  signal: AbortSignal | null,
  { firstMs, maxMs }: Pick<Retry, 'firstMs' | 'maxMs'>,
  { now, after, random }: Surroundings,
): AsyncGenerator<LiveMessage, void, undefined> {
  const path = `/live?metric=${metrics.map(encodeURIComponent).join(',')}`;
  let last = '';
  let backOff = firstMs;
  for (;;) {
    const ended = new AbortController();
    const end = (): void => ended.abort();
    signal?.addEventListener('abort', end);
    let stopWatching = (): void => {};
    const watch = (): void => {
      stopWatching();
      stopWatching = after(SILENCE_MS, end);
    };
    let wait = 0;
    try {
      signal?.throwIfAborted();
      watch();
      const headers = { accept: 'text/event-stream', ...(last === '' ? {} : { 'last-event-id': last }) };
      const response = await open({ method: 'GET', path, headers, body: null, signal: ended.signal });
      if (!response.ok || response.body === null) {
        const { status, body, retryAfterMs } = await replyOf(response, now);
        if (!mayPass({ status })) throw errorOf('GET /live', status, body);
        wait = retryAfterMs;
      } else
        for await (const event of eventsOf(response.body, watch)) {
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
    await new Promise<void>((resolve) => {
      const cancel = after(wait, resolve);
      signal?.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
    backOff = Math.min(maxMs, backOff * 2);
  }
}

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
