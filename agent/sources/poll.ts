import { createHash } from 'node:crypto';
import { backOffMs } from '../../shared/ports/back-off.ts';
import { bell } from '../bell.ts';
import type { Shaper } from '../formats/format.ts';
import { recordReader } from '../formats/record-reader.ts';
import type { Position, Source } from '../ports/source.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Gathered, gathering } from './gathering.ts';
import { USER_AGENT } from './sse.ts';

export interface PollOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Its events need ids of their own, since an answer repeats what the one before said. */
  readonly shaper: Shaper;
  readonly everyMs: number;
  readonly surroundings: Surroundings;
}
interface Answer {
  readonly body: Buffer;
  readonly position: Position;
}
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const ANSWER_MS = 60_000;
const BACK_OFF = { firstMs: 1_000, maxMs: 60_000 };

/**
 * Asks a URL again and again. An answer that did not change is asked for by its ETag, and not taken twice; of one that
 * changed, all events are taken, and count once by their ids.
 */
export const pollSource = ({ url, headers, shaper, everyMs, surroundings }: PollOptions): Source => {
  const stream = `poll ${url.href}`;
  return {
    name: url.href,
    run: async (intake, signal) => {
      const alarm = bell(surroundings);
      signal.addEventListener('abort', alarm.ring);
      let failures = 0;
      const look = async (): Promise<Answer | null> => {
        const before = intake.positionOf(stream);
        const etag = typeof before?.etag === 'string' && before.etag !== '' ? { 'if-none-match': before.etag } : {};
        const waiting = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
        const response = await fetch(url, { headers: { ...headers, 'user-agent': USER_AGENT, ...etag }, signal: waiting });
        if (response.status === 304) return null;
        if (!response.ok) throw new Error(`it answered ${response.status}`);
        const body = await bytesOf(response);
        const digest = createHash('sha256').update(body).digest('base64url').slice(0, 22);
        return before?.digest === digest ? null : { body, position: { etag: response.headers.get('etag') ?? '', digest } };
      };
      const take = async ({ body, position }: Answer): Promise<void> => {
        const before = intake.positionOf(stream);
        const reader = recordReader(shaper.split, { offset: 0, line: 0 });
        const chunks = gathering(shaper, { offset: 0, line: 0, header: null });
        // Only with the last of them is the answer taken.
        const put = async (gathered: Gathered | null, isLast: boolean): Promise<void> => {
          const { events, header, body: lines } = gathered ?? { events: 0, header: null, body: Buffer.alloc(0) };
          await intake.take({ stream, position: isLast ? position : before, ids: null, type: shaper.type, header, events, body: lines });
        };
        for (const record of reader.push(body)) if (chunks.add(record)) await put(chunks.cut(), false);
        const last = reader.end();
        if (last !== null) chunks.add(last);
        await put(chunks.cut(), true);
      };
      try {
        while (!signal.aborted) {
          let failure: string | null = null;
          const answer = await look().catch((error: Error) => {
            failure = error.message;
            return null;
          });
          failures = failure === null ? 0 : failures + 1;
          if (failure !== null && !signal.aborted) intake.note(`${url.origin}: ${failure}; asking again …`);
          if (answer !== null) await take(answer);
          if (!signal.aborted) await alarm.wait(failure === null ? everyMs : Math.max(everyMs, backOffMs(failures, BACK_OFF)));
        }
      } finally {
        signal.removeEventListener('abort', alarm.ring);
      }
    },
  };
};

const bytesOf = async ({ body }: Response): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`it answered more than ${MAX_ANSWER_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
};
