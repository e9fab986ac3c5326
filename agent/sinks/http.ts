import type { Detail } from '../../shared/request/problem.ts';
import type { Batch } from '../ports/batch.ts';
import { type Delivered, RefusedError, type Sink, TryLaterError } from '../ports/sink.ts';
import type { Surroundings } from '../surroundings.ts';

export interface HttpSinkOptions {
  /** Of a Twinstream, or of an agent that listens (sources/listen.ts): they speak alike. */
  readonly url: URL;
  readonly token: string | null;
  readonly parallel: number;
  readonly surroundings: Pick<Surroundings, 'clock'>;
}
const ANSWER_MS = 60_000;
/** Servers limit the headers of a request to 8 KB or more; API Gateway to 10 KB. */
const MAX_HEADER_LENGTH = 6_000;

/** Posts batches. The ids of their events are in the Idempotency-Key of one batch, or in Twinstream-Batches. */
export const httpSink = ({ url, token, parallel, surroundings }: HttpSinkOptions): Sink => {
  const post = async (batches: readonly Batch[]): Promise<Omit<Delivered, 'state'>> => {
    const { type, header } = batches[0] as Batch;
    const target = new URL(type === null ? 'events' : `events/${encodeURIComponent(type)}`, url.href.endsWith('/') ? url : `${url.href}/`);
    const headers = {
      'content-type': header === null ? 'application/x-ndjson' : 'text/csv',
      ...(type === null ? {} : idsOf(batches)),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    };
    const body = Buffer.concat([Buffer.from(header === null ? '' : `${header}\n`), ...batches.map((batch) => batch.body)]);
    let response: Response;
    let text: string;
    try {
      response = await fetch(target, { method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error' });
      text = await response.text();
    } catch (cause) {
      throw new TryLaterError(`${url.origin} cannot be reached`, 0, cause);
    }
    const { status } = response;
    const answer = parsed(text);
    if (typeof answer.accepted === 'number' && typeof answer.rejected === 'number')
      return { accepted: answer.accepted, rejected: answer.rejected, errors: answer.errors ?? [] };
    if (status === 408 || status === 429 || status >= 500)
      throw new TryLaterError(`${url.origin} answered ${status}`, retryAfterMs(response.headers.get('retry-after'), surroundings.clock));
    throw new RefusedError(`${target.href} answered ${status}: ${answer.detail ?? text.slice(0, 500)}`);
  };
  return {
    name: url.origin,
    parallel,
    open: async () => null,
    close: async () => {},
    deliver: async (batches) => {
      let [accepted, rejected, offset] = [0, 0, 0];
      const errors: Detail[] = [];
      for (const part of partsOf(batches)) {
        const result = await post(part);
        accepted += result.accepted;
        rejected += result.rejected;
        for (const { index = 0, ...error } of result.errors) errors.push({ index: offset + index, ...error });
        offset += part.reduce((sum, { events }) => sum + events, 0);
      }
      return { accepted, rejected, errors, state: null };
    },
  };
};

interface Section {
  readonly key: string;
  readonly at: number;
  events: number;
}
/** Batches of one key that follow each other are one section. */
const sectionsOf = (batches: readonly Batch[]): readonly Section[] => {
  const sections: Section[] = [];
  for (const { key, at, events } of batches) {
    const last = sections.at(-1);
    if (last !== undefined && last.key === key && last.at + last.events === at) last.events += events;
    else sections.push({ key, at, events });
  }
  return sections;
};
const textOf = (sections: readonly Section[]): string => sections.map(({ key, at, events }) => `${encodeURIComponent(key)};${at};${events}`).join(',');

/** What a header carries unchanged; other keys come from clients, and are encoded in Twinstream-Batches. */
const PLAIN_KEY = /^[!-~]+$/;

const idsOf = (batches: readonly Batch[]): Readonly<Record<string, string>> => {
  const sections = sectionsOf(batches);
  const [first] = sections;
  if (sections.length === 1 && first?.at === 0 && PLAIN_KEY.test(first.key)) return { 'idempotency-key': first.key };
  return { 'twinstream-batches': textOf(sections) };
};

/** As many batches a request as its headers hold. */
const partsOf = (batches: readonly Batch[]): Batch[][] => {
  const parts: Batch[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const batch of batches) {
    const last = parts.at(-1)?.at(-1);
    const continues = last?.key === batch.key && last.at + last.events === batch.at;
    if (!continues) length += encodeURIComponent(batch.key).length + LENGTH_OF_NUMBERS;
    if (length > MAX_HEADER_LENGTH) {
      parts.push([]);
      length = encodeURIComponent(batch.key).length + LENGTH_OF_NUMBERS;
    }
    (parts.at(-1) as Batch[]).push(batch);
  }
  return parts;
};
const LENGTH_OF_NUMBERS = ';999999;999999,'.length;

const retryAfterMs = (text: string | null, clock: () => number): number => {
  if (text === null) return 0;
  const seconds = Number(text);
  return Math.max(0, Number.isNaN(seconds) ? Date.parse(text) - clock() || 0 : seconds * 1_000);
};

interface Answer {
  readonly accepted?: number;
  readonly rejected?: number;
  readonly errors?: readonly Detail[];
  readonly detail?: string;
}
const parsed = (text: string): Answer => {
  try {
    return (JSON.parse(text) ?? {}) as Answer;
  } catch {
    return {};
  }
};
