import { createParser } from 'eventsource-parser';
import { backOffMs } from '../../shared/ports/back-off.ts';
import { bell } from '../bell.ts';
import type { Shaper } from '../formats/format.ts';
import type { Intake, Source } from '../ports/source.ts';
import type { Surroundings } from '../surroundings.ts';

export interface SseOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly shaper: Shaper;
  /** A connection without any byte for so long, not even a heartbeat, is taken for broken. */
  readonly silentMs: number;
  /** Whether a refusal ends the source with an error: 204, or an answer that is no stream. Otherwise it is retried, since a person may correct the server. */
  readonly endsWhenRefused: boolean;
  readonly surroundings: Surroundings;
}
const BACK_OFF = { firstMs: 1_000, maxMs: 60_000 };
const MAX_BUFFER_LENGTH = 4_194_304;

/** Who asks, as servers of others want to know; Wikimedia's refuses calls that do not say. */
export const USER_AGENT = 'twinstream-agent (https://www.npmjs.com/package/twinstream)';

/** The server refuses, which ends the source. */
class EndedError extends Error {
  override readonly name = 'EndedError';
}

/** A new connection may help. */
class LostError extends Error {
  override readonly name = 'LostError';
}

/**
 * Server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html): reconnects with Last-Event-ID, which is durable
 * with the events, and waits as long as the server says. Comments are heartbeats.
 */
export const sseSource = ({ url, headers, shaper, silentMs, endsWhenRefused, surroundings }: SseOptions): Source => {
  const stream = `sse ${url.href}`;
  const refused = (why: string): never => {
    throw endsWhenRefused ? new EndedError(`${url.href}: ${why}`) : new LostError(why);
  };
  const connect = async (intake: Intake, signal: AbortSignal, alive: (retryMs: number | null) => void): Promise<void> => {
    const before = intake.positionOf(stream)?.id;
    const response = await fetch(url, {
      headers: {
        ...headers,
        accept: 'text/event-stream',
        'cache-control': 'no-store',
        'user-agent': USER_AGENT,
        ...(typeof before === 'string' && before !== '' ? { 'last-event-id': before } : {}),
      },
      signal,
    }).catch(lost);
    const isStream = response.headers.get('content-type')?.split(';')[0]?.trim() === 'text/event-stream';
    if (response.status === 204) return refused('the server ended the stream (204)');
    if (response.status >= 500 || response.status === 429 || response.status === 408) throw new LostError(`it answered ${response.status}`);
    if (response.status !== 200 || !isStream || response.body === null)
      return refused(`Expected 200 with text/event-stream, got ${response.status} with ${response.headers.get('content-type')}`);
    let lastId = typeof before === 'string' ? before : '';
    let lines: Buffer[] = [];
    const parser = createParser({
      maxBufferSize: MAX_BUFFER_LENGTH,
      onEvent: ({ id, data }) => {
        lastId = id ?? lastId;
        const line = shaper.lineOf(Buffer.from(data.replaceAll('\n', ' '))); // JSON may be sent over several lines
        if (line !== null) lines.push(line);
      },
      onRetry: (ms) => alive(ms),
      onError: ({ type }) => {
        if (type !== 'max-buffer-size-exceeded') return;
        // A new connection would begin with it again.
        intake.note(`${url.origin}: an event of more than ${MAX_BUFFER_LENGTH} characters is left out`);
        parser.reset();
      },
    });
    const decoder = new TextDecoder();
    for await (const piece of piecesOf(response.body)) {
      alive(null);
      const idBefore = lastId;
      parser.feed(decoder.decode(piece, { stream: true }));
      if (lines.length === 0 && lastId === idBefore) continue;
      const body = Buffer.concat(lines);
      const events = lines.length;
      lines = [];
      await intake.take({ stream, position: { id: lastId }, ids: null, type: shaper.type, header: null, events, body });
      alive(null);
    }
  };

  return {
    name: url.href,
    run: async (intake, signal) => {
      let failures = 0;
      let retryMs = BACK_OFF.firstMs;
      const alarm = bell(surroundings);
      signal.addEventListener('abort', alarm.ring);
      try {
        while (!signal.aborted) {
          const reason = await watched({ silentMs, surroundings }, signal, (of, alive) =>
            connect(intake, of, (ms) => {
              failures = 0;
              if (ms !== null) retryMs = Math.min(ms, BACK_OFF.maxMs);
              alive();
            }),
          );
          if (signal.aborted) return;
          failures++;
          intake.note(`${url.origin}: ${reason}; connecting again …`);
          await alarm.wait(Math.max(retryMs, backOffMs(failures, { ...BACK_OFF, firstMs: retryMs })));
        }
      } finally {
        signal.removeEventListener('abort', alarm.ring);
      }
    },
  };
};

interface Watch {
  readonly silentMs: number;
  readonly surroundings: Surroundings;
}
/** Runs a connection until it ends or is silent for too long; says why. @throws {EndedError} */
const watched = async (
  { silentMs, surroundings: { clock, sleep } }: Watch,
  signal: AbortSignal,
  run: (signal: AbortSignal, alive: () => void) => Promise<void>,
): Promise<string> => {
  const ended = new AbortController();
  const stop = (): void => ended.abort();
  signal.addEventListener('abort', stop);
  let aliveMs = clock();
  let isSilent = false;
  const watching = (async () => {
    while (!ended.signal.aborted) {
      const restMs = aliveMs + silentMs - clock();
      if (restMs <= 0) {
        isSilent = true;
        ended.abort();
      } else await sleep(restMs, ended.signal);
    }
  })();
  try {
    await run(ended.signal, () => {
      aliveMs = clock();
    });
    return 'the connection was closed';
  } catch (error) {
    if (!(error instanceof LostError)) throw error;
    return isSilent ? `nothing came for ${silentMs / 1_000} s` : error.message;
  } finally {
    ended.abort();
    signal.removeEventListener('abort', stop);
    await watching;
  }
};

async function* piecesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await pieces.next().catch(lost);
    if (done === true) return;
    yield value as Uint8Array;
  }
}
const lost = (cause: unknown): never => {
  throw new LostError('the connection was lost', { cause });
};
