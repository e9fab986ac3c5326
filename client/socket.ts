import { TwinstreamError } from './error.ts';
import type { LiveMessage } from './live-message.ts';
import { parsed } from './parsed.ts';

/** What the client needs of a WebSocket. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close(): void;
}

/** At most so many messages wait for a slow loop. Past it, the connection is opened again, and the loop gets `more: true`. */
const MAX_WAITING = 100;

export const openSocket = (url: string): Socket => {
  const { WebSocket } = globalThis as unknown as { readonly WebSocket?: new (url: string) => Socket };
  if (WebSocket === undefined) throw new TwinstreamError('Expected a browser, or Node 22: this one has no WebSocket', 0);
  return new WebSocket(url);
};

/** The messages of a socket until it closes. The first, of each metric, has `more: true`: rows may have been missed before it opened. */
export async function* messagesOf(socket: Socket, metrics: readonly string[], ended: AbortSignal): AsyncGenerator<LiveMessage, void, undefined> {
  const waiting: LiveMessage[] = [];
  let isOpen = true;
  let wake = (): void => {};
  const closed = (): void => {
    isOpen = false;
    wake();
  };
  const end = (): void => {
    socket.close();
    closed();
  };
  ended.addEventListener('abort', end);
  if (ended.aborted) end();
  socket.onopen = () => {
    for (const metric of metrics) waiting.push({ metric, windows: [], more: true });
    wake();
  };
  socket.onmessage = ({ data }) => {
    const message = parsed(String(data)) as LiveMessage | null;
    // Something is wrong with the connection, as with a stream that is not JSON: it is opened again.
    if (message === null || waiting.length >= MAX_WAITING) return end();
    waiting.push(message);
    wake();
  };
  socket.onclose = closed;
  while (isOpen && !ended.aborted) {
    const next = waiting.shift();
    if (next !== undefined) yield next;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}

/** Leaves out rows that were read before those that are known: two senders may overtake each other. */
export const newest = () => {
  const known = new Map<unknown, number>();
  return (message: LiveMessage): LiveMessage => {
    const { at, metric, windows } = message;
    if (at === undefined) return message;
    if (known.size > 1_000) known.clear();
    return {
      ...message,
      windows: windows.filter(({ window }) => {
        const key = `${metric} ${window}`;
        if (at < (known.get(key) ?? 0)) return false;
        known.set(key, at);
        return true;
      }),
    };
  };
};
