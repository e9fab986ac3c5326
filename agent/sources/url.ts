import type { Shaper } from '../formats/format.ts';
import type { Source } from '../ports/source.ts';
import type { Surroundings } from '../surroundings.ts';
import { sseSource, USER_AGENT } from './sse.ts';
import { streamSource } from './stream.ts';

export interface UrlOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly shaper: Shaper;
  readonly surroundings: Surroundings;
}
const SILENT_MS = 60_000;

/** What a URL answers: server-sent events, which are followed, or else one body. */
export const urlSource = ({ url, headers, shaper, surroundings }: UrlOptions): Source => ({
  name: url.href,
  run: async (intake, signal) => {
    const response = await fetch(url, { headers: { ...headers, 'user-agent': USER_AGENT, accept: 'text/event-stream, */*;q=0.5' }, signal });
    if (/^text\/event-stream\b/.test(response.headers.get('content-type') ?? '')) {
      await response.body?.cancel();
      return sseSource({ url, headers, shaper, silentMs: SILENT_MS, endsWhenRefused: true, surroundings }).run(intake, signal);
    }
    const { body } = response;
    if (!response.ok || body === null) throw new Error(`${url.href}: Expected 200, got ${response.status}`);
    return streamSource({ name: url.href, open: async () => body, shaper, identity: url.href }).run(intake, signal);
  },
});
